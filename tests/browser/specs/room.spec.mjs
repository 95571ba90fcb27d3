import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, examples } from '../support/examples.mjs';

examples('room', ({ prefix, visit, openTab, tolerate }) => {
  const message = (page) => page.getByLabel('Message', { exact: true });
  const said = (page, text) =>
    page.getByRole('log', { name: 'Messages' }).getByText(text).waitFor();
  const here = (page, ...names) =>
    page.getByText(`Here: ${names.join(', ') || 'nobody yet'}`, { exact: true }).waitFor();

  const introduce = async (page, name) => {
    await page.getByLabel('Your name').fill(name);
    await page.getByRole('button', { name: 'Come in' }).click();
  };
  const enter = async (name, room = 'harbour') => {
    const page = await visit(`${prefix}/room/${room}`);
    await introduce(page, name);
    await message(page).waitFor();
    return page;
  };
  const say = async (page, text) => {
    await message(page).fill(text);
    await message(page).press('Enter');
    await said(page, text);
  };

  test('two visitors talk to each other', async () => {
    const [ada, grace] = await Promise.all([enter('Ada'), enter('Grace')]);
    await say(ada, 'Is the ice thick enough?');
    await said(grace, 'Ada: Is the ice thick enough?');
    await say(grace, 'For skating, yes.');
    await said(ada, 'Grace: For skating, yes.');
    await eventually(() => message(grace).inputValue(), '');
  });

  test('everyone sees who comes and who goes', async () => {
    const reader = await visit(`${prefix}/room/pier`);
    await here(reader);
    const ada = await enter('Ada', 'pier');
    await here(reader, 'Ada');
    const grace = await enter('Grace', 'pier');
    await Promise.all([ada, grace, reader].map((page) => here(page, 'Ada', 'Grace')));
    await grace.close();
    await Promise.all([ada, reader].map((page) => here(page, 'Ada')));
    await ada.context().close();
    await here(reader);
  });

  test('a name belongs to one visitor at a time', async () => {
    const ada = await enter('Ada');
    const page = await visit(`${prefix}/room/harbour`);
    await introduce(page, 'Ada');
    await page.getByText('Ada is here already.').waitFor();
    assert.equal(await page.getByLabel('Your name').inputValue(), 'Ada');
    await introduce(page, ' ');
    await page.getByText('Say who you are, in up to 30 letters.').waitFor();
    await ada.close();
    await here(page);
    await introduce(page, 'Ada');
    await here(page, 'Ada');
  });

  test('who comes later reads what was said, and only in this room', async () => {
    const ada = await enter('Ada', 'lighthouse');
    await say(ada, 'A light at last');
    const late = await visit(`${prefix}/room/lighthouse`);
    await said(late, 'Ada: A light at last');
    await late.getByRole('link', { name: 'pier' }).click();
    await late.getByRole('heading', { name: 'The pier' }).waitFor();
    assert.equal(await late.getByText('A light at last').count(), 0);
  });

  test('a room keeps the last 20 messages', async () => {
    const ada = await enter('Ada', 'lighthouse');
    for (let number = 1; number <= 21; number++) await say(ada, `Wave ${number}.`);
    const waves = ada.getByRole('log').getByText(/Wave \d+\./);
    assert.equal(await waves.count(), 20);
    assert.equal(await ada.getByText('Wave 1.', { exact: false }).count(), 0);
  });

  test('what is being typed survives what the others say', async () => {
    const [ada, grace] = await Promise.all([enter('Ada', 'pier'), enter('Grace', 'pier')]);
    await message(ada).pressSequentially('I was about to');
    await say(grace, 'Look, a seal!');
    await said(ada, 'Grace: Look, a seal!');
    await message(ada).pressSequentially(' say something');
    assert.equal(await message(ada).inputValue(), 'I was about to say something');
    await message(ada).press('Enter');
    await said(grace, 'Ada: I was about to say something');
  });

  test('an empty message is refused next to its field', async () => {
    const ada = await enter('Ada');
    await message(ada).fill('  ');
    await message(ada).press('Enter');
    await ada.getByText('Say something, in up to 200 letters.').waitFor();
  });

  test('two tabs of one visitor are two guests', async () => {
    const ada = await enter('Ada');
    const second = await openTab(ada, `${prefix}/room/harbour`);
    await introduce(second, 'Ada again');
    await here(ada, 'Ada', 'Ada again');
    await second.close();
    await here(ada, 'Ada');
  });

  test('a room that is not there says so', async () => {
    tolerate(/status of 404/);
    const page = await visit(`${prefix}/room/cellar`);
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
  });
});
