"""State that all pages of one user share, and states of sessions for code outside of them."""

from __future__ import annotations

import gc
import threading
import weakref

import livefloe as lf
import pytest
from livefloe.errors import NoSessionError, StateError

from visitor import Visitor


class Basket(lf.State, scope="user"):
    things: list[str] = []
    n: int = 0

    def put(self) -> None:
        self.things.append(f"thing {len(self.things)}")


class Own(lf.State):
    n: int = 0


@pytest.fixture
def serve():
    opened = []

    def serve():
        app = lf.App(user_header="x-user")
        app.page("/")(page)
        server = app.start()
        opened.append(server)

        def visit(user: str | None = None) -> Visitor:
            headers = {} if user is None else {"x-user": user}
            visitor = Visitor(server.address + "/", headers).join(additional_headers=headers)
            opened.insert(0, visitor)
            return visitor

        return app, visit

    def page():
        basket = Basket()
        lf.button("put", basket.put)
        lf.text(", ".join(basket.things) or "nothing")

    yield serve
    for each in opened:
        each.close() if isinstance(each, Visitor) else each.stop()


def shown(visitor: Visitor) -> str:
    return str(visitor.operations)


def test_all_pages_of_a_user_show_what_one_of_them_changed(serve):
    _, visit = serve()
    first, second, other = visit("ada"), visit("ada"), visit("ben")
    first.click("put")
    second.until(lambda: "thing 0" in shown(second))
    assert "thing 0" in shown(first)
    assert "thing 0" in visit("ada").page
    other.click("put")
    assert "thing 0" in shown(other)
    assert "thing 1" not in shown(first) + shown(second) + shown(other)


def test_visitors_whom_the_app_does_not_know_share_nothing(serve):
    _, visit = serve()
    first = visit()
    first.click("put")
    assert "thing 0" in shown(first)
    assert "thing 0" not in visit().page
    assert "thing 0" not in visit("ada").page


def test_it_lives_as_long_as_one_of_the_users_pages(serve):
    app, visit = serve()
    first = visit("ada")
    first.click("put")
    second = visit("ada")
    state = weakref.ref(Basket.of(app, user="ada"))
    assert state().things == ["thing 0"]
    first.close()
    assert state() is not None
    second.click("put")
    assert len(state().things) == 2


def test_it_ends_with_the_last_page(app):
    class Brief(lf.State, scope="user"):
        n: int = 0

    app.page("/")(lambda: lf.text(Brief().n))
    with lf.testing.Site(app) as site:
        with site.open() as page:
            page.sees("0")
            states = [weakref.ref(s) for s in gc.get_objects() if type(s) is Brief]
        assert len(states) == 1
        site.close()
    deadline = threading.Event()
    for _ in range(500):
        gc.collect()
        if all(state() is None for state in states):
            return
        deadline.wait(0.01)
    pytest.fail("the state of a user without pages is still there")


def test_code_outside_of_sessions_finds_it_by_the_users_name(serve):
    app, visit = serve()
    with pytest.raises(NoSessionError, match="no page open"):
        Basket.of(app, user="ada")
    page = visit("ada")
    Basket.of(app, user="ada").things.append("a letter")
    page.until(lambda: "a letter" in shown(page))
    with pytest.raises(NoSessionError, match="no page open"):
        Basket.of(app, user="ben")


def test_a_thread_that_was_handed_its_session_changes_what_it_shows(app):
    sessions = []

    @app.page("/")
    def page():
        sessions.append(lf.session())
        lf.text(f"own {Own().n} basket {Basket().n}")

    def work(session):
        Own.of(session).n = 7
        Basket.of(session).n = 8

    with lf.test(app) as p:
        thread = threading.Thread(target=work, args=(sessions[0],))
        thread.start()
        thread.join()
        p.sees("own 7 basket 8", within_s=5)
        assert Own.of(sessions[0]) is Own.of(sessions[0])
        assert isinstance(sessions[0], lf.Session)


def test_a_thread_without_one_is_told_what_to_do(app):
    errors = []

    def work():
        try:
            Own().n = 1
        except NoSessionError as error:
            errors.append(str(error))

    app.page("/")(lambda: lf.button("go", lambda: threading.Thread(target=work).start()))
    with lf.test(app) as p:
        p.click("go")
        p.wait(lambda: errors)
    assert "Own.of(session)" in errors[0]
    assert "lf.session()" in errors[0]


def test_a_session_that_has_ended_says_so(app):
    sessions = []
    app.page("/")(lambda: sessions.append(lf.session()))
    with lf.testing.Site(app) as site:
        site.open()
    with pytest.raises(NoSessionError):
        lf.session()

    def is_over():
        try:
            Own.of(sessions[0])
        except NoSessionError as error:
            return "had ended" in str(error)
        return False

    tick = threading.Event()
    assert any(is_over() or tick.wait(0.01) for _ in range(500))


def test_the_wrong_way_to_an_instance_says_the_right_one(app):
    class Room(lf.State, scope="app"):
        n: int = 0

    with pytest.raises(StateError, match=r"lf\.session\(\)"):
        Own.of(app)
    with pytest.raises(StateError, match=r'Basket\.of\(app, user="…"\)'):
        Basket.of(app)
    with pytest.raises(StateError, match=r"Room\.of\(app\)"):
        Room.of(app, user="ada")
    with pytest.raises(StateError, match="'session', 'user' or 'app', got 'tab'"):

        class Wrong(lf.State, scope="tab"):
            n: int = 0


def test_outside_of_sessions_a_users_state_says_how_to_get_one():
    with pytest.raises(NoSessionError, match=r"Basket"):
        Basket()
