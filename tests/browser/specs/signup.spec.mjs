import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, examples, focused } from '../support/examples.mjs';

examples('sign-up', ({ prefix, visit }) => {
  const field = (page, name) => page.getByLabel(name, { exact: true });
  const submit = (page) => page.getByRole('button', { name: 'Sign up', exact: true }).click();
  const errors = {
    username: '3 to 20 small letters, a to z.',
    taken: 'This name is taken.',
    email: 'An address such as ada@example.org.',
    age: 'A number from 13 to 130.',
    plan: 'Choose a plan.',
    terms: 'Please read the terms first.',
  };
  let n_names = 0;
  const freshName = () => `guest${'abcdefghij'[n_names++]}`;

  const fill = async (page, username) => {
    await field(page, 'Username').fill(username);
    await field(page, 'E-mail').fill(`${username}@example.org`);
    await field(page, 'Age').fill('36');
    await page.getByRole('radio', { name: 'Team' }).check();
    await page.getByRole('checkbox', { name: 'I have read the terms' }).check();
  };

  test('a form that is in order is taken, and says thank you', async () => {
    const page = await visit(`${prefix}/signup`);
    const username = freshName();
    await fill(page, username);
    await submit(page);
    await page.getByRole('heading', { name: `Welcome, ${username}!` }).waitFor();
    await page.getByText(`We wrote to ${username}@example.org.`).waitFor();
    await page.getByRole('button', { name: 'Sign up somebody else' }).click();
    await eventually(() => field(page, 'Username').inputValue(), '');
  });

  test('mistakes are shown next to their fields while they are made', async () => {
    const page = await visit(`${prefix}/signup`);
    await field(page, 'Username').pressSequentially('x');
    await page.getByText(errors.username).waitFor();
    assert.equal(await field(page, 'Username').getAttribute('aria-invalid'), 'true');
    // The fields that nobody has come to yet are left alone.
    assert.equal(await page.getByText(errors.email).count(), 0);
    await field(page, 'Username').pressSequentially('yz');
    await page.getByText(errors.username).waitFor({ state: 'detached' });
    await page.getByText('This name is free.').waitFor();
    await field(page, 'Age').fill('12');
    await page.getByText(errors.age).waitFor();
    await field(page, 'E-mail').fill('ada@');
    await page.getByText(errors.email).waitFor();
    await field(page, 'E-mail').fill('ada@example.org');
    await page.getByText(errors.email).waitFor({ state: 'detached' });
  });

  test('an empty form shows all that is missing, once each', async () => {
    const page = await visit(`${prefix}/signup`);
    await submit(page);
    for (const error of [errors.username, errors.email, errors.age, errors.plan, errors.terms]) {
      await page.getByText(error).waitFor();
      assert.equal(await page.getByText(error).count(), 1, error);
    }
  });

  test('the question whether a name is free does not hold up the typing', async () => {
    const page = await visit(`${prefix}/signup`);
    // The words stand there for 300 ms only, so the page itself has to look out for them.
    const asked = page.evaluate(
      () =>
        new Promise((resolve) => {
          const observer = new MutationObserver(() => {
            if (document.body.innerText.includes('Looking whether it is free…')) resolve(true);
          });
          observer.observe(document.body, { subtree: true, childList: true, characterData: true });
        }),
    );
    await field(page, 'Username').fill('ada');
    assert.ok(await asked);
    await field(page, 'E-mail').pressSequentially('countess@example.org');
    await page.getByText(errors.taken).waitFor();
    assert.equal(await field(page, 'E-mail').inputValue(), 'countess@example.org');
    await field(page, 'Username').press('End');
    await page.keyboard.type('lovelace');
    await page.getByText('This name is free.').waitFor();
    assert.equal(await field(page, 'Username').inputValue(), 'adalovelace');
  });

  test('a name that somebody else takes meanwhile is refused, and nothing typed is lost', async () => {
    const [one, other] = await Promise.all([visit(`${prefix}/signup`), visit(`${prefix}/signup`)]);
    const username = freshName();
    for (const page of [one, other]) {
      await fill(page, username);
      await page.getByText('This name is free.').waitFor();
    }
    await submit(one);
    await one.getByRole('heading', { name: `Welcome, ${username}!` }).waitFor();
    await submit(other);
    await other.getByText(errors.taken).waitFor();
    assert.equal(await field(other, 'Username').inputValue(), username);
    assert.equal(await field(other, 'E-mail').inputValue(), `${username}@example.org`);
    assert.equal(await field(other, 'Age').inputValue(), '36');
    assert.ok(await other.getByRole('radio', { name: 'Team' }).isChecked());
    assert.ok(await other.getByRole('checkbox', { name: 'I have read the terms' }).isChecked());
  });

  test('everything can be filled in by keyboard', async () => {
    const page = await visit(`${prefix}/signup`);
    const username = freshName();
    await field(page, 'Username').focus();
    await page.keyboard.type(username);
    await page.keyboard.press('Tab');
    await page.keyboard.type('ada@example.org');
    await page.keyboard.press('Tab');
    await page.keyboard.type('36');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowRight');
    await eventually(() => focused(page), 'Team');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: `Welcome, ${username}!` }).waitFor();
  });
});
