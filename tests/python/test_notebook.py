"""Notebooks: what a cell shows, and what running it again changes.

In a real one, by hand: `tests/browser/notebook`.
"""

from __future__ import annotations

import html
import re
import sys
import types

import livefloe as lf
import pytest
from livefloe import _notebook
from livefloe.errors import AppError, PageError

from visitor import Visitor, get

CODE = """
import livefloe as lf

class Count(lf.State):
    value: int = 0

    def add(self):
        self.value += {step}

app = lf.App("Counting")

@app.page("/")
def home():
    count = Count()
    lf.heading("{text}")
    lf.text(f"Count: {{count.value}}")
    lf.button("Add", on_click=count.add)
"""


class Notebook:
    """As much of one as `show` asks for."""

    def __init__(self, monkeypatch):
        self.displayed = []
        self.callbacks = []
        self.kernel = object()
        self.events = types.SimpleNamespace(register=lambda _, call: self.callbacks.append(call))
        self.cell = "one"
        self.main = types.ModuleType("__main__")
        self.runs = 0
        ipython, display = types.ModuleType("IPython"), types.ModuleType("IPython.display")
        ipython.get_ipython = lambda: self
        display.HTML = lambda text: text
        display.display = self.displayed.append
        for name, module in {
            "IPython": ipython,
            "IPython.display": display,
            "ipykernel": types.ModuleType("ipykernel"),
            "__main__": self.main,
        }.items():
            monkeypatch.setitem(sys.modules, name, module)

    def get_parent(self):
        return {"metadata": {"cellId": self.cell}}

    def run(self, code):
        self.runs += 1
        exec(compile(code, f"cell-{self.runs}", "exec"), vars(self.main))
        for callback in self.callbacks:
            callback(None)

    def address(self):
        return html.unescape(re.search('src="([^"]+)"', self.displayed[-1])[1])


@pytest.fixture
def notebook(monkeypatch):
    yield Notebook(monkeypatch)
    for shown in _notebook._shown.values():
        shown._server.stop()
        shown.listener.close()
    _notebook._shown.clear()


def test_a_cell_that_is_run_again_has_the_same_address_and_its_pages_go_on(notebook):
    notebook.run(CODE.format(step=1, text="First"))
    notebook.run("app.show(height=300)")
    assert 'height="300"' in notebook.displayed[0]
    assert 'referrerpolicy="origin"' in notebook.displayed[0]
    address = notebook.address()
    visitor = Visitor(address).join()
    visitor.click("Add")
    assert visitor.texts()[-1] == "Count: 1"
    # The whole app anew, with other code.
    notebook.run(CODE.format(step=41, text="Second"))
    notebook.run("app.show(height=300)")
    assert notebook.address() == address
    assert "Second" in get(address)[1]
    visitor.close()
    visitor.join()
    visitor.click("Add")
    visitor.until(lambda: "Count: 42" in str(visitor.operations))


def test_what_other_cells_define_is_shown_without_showing_again(notebook):
    notebook.run(
        CODE.format(step=1, text="First")
        + "    part()\n\n@lf.component\ndef part():\n    lf.text('old part')\n"
    )
    notebook.run("app.show()")
    address = notebook.address()
    assert "old part" in get(address)[1]
    notebook.run("@lf.component\ndef part():\n    lf.text('new part')\n")
    assert "new part" in get(address)[1]
    server = _notebook._shown["Counting"]._server
    notebook.run("x = 1")
    assert _notebook._shown["Counting"]._server is server, "nothing of the app has changed"
    notebook.run("@app.page('/')\ndef start():\n    lf.text('another page')\n")
    assert "another page" in get(address)[1]


def test_one_path_has_one_page_in_one_run(notebook):
    notebook.run(CODE.format(step=1, text="First"))
    twice = "@app.page('/x')\ndef one(): ...\n@app.page('/x')\ndef two(): ...\n"
    with pytest.raises(PageError, match="'/x' has a page already"):
        notebook.run(twice)
    notebook.run("@app.page('/x')\ndef three(): ...\n")


def test_a_version_that_cannot_be_served_leaves_the_one_before(notebook):
    notebook.run(CODE.format(step=1, text="First"))
    notebook.run("app.show()")
    notebook.run("@app.page('/{a}/{')\ndef wrong(): ...\n")
    assert "First" in get(notebook.address())[1]
    with pytest.raises(PageError, match="no page path"):
        notebook.run("app.show()")


def test_each_cell_has_a_frame_of_its_own(notebook, monkeypatch):
    notebook.run(CODE.format(step=1, text="First"))
    addresses = []
    for notebook.cell in ("one", "two", "one"):
        notebook.run("app.show('/?a=1&b=2')")
        addresses.append(notebook.address())
    assert addresses[0] == addresses[2] != addresses[1]
    assert addresses[0].split("#")[0] == addresses[1].split("#")[0]
    assert "/?a=1&b=2#" in addresses[0]
    monkeypatch.setattr(notebook, "get_parent", lambda: {})
    notebook.run("app.show()")
    assert "#" not in notebook.address()


def test_the_way_to_the_port_may_be_a_proxy(notebook, monkeypatch):
    notebook.run(CODE.format(step=1, text="First"))
    notebook.run("app.show(proxy='/user/ada/proxy/{port}/')")
    assert re.match(r"/user/ada/proxy/\d+/[\w-]{32}/#", notebook.address())
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/eve/")
    notebook.run("app.show()")
    assert re.match(r"/user/eve/proxy/\d+/[\w-]{32}/#", notebook.address())
    with pytest.raises(AppError, match=r"such as /proxy/{port}, got '/proxy'"):
        notebook.run("app.show(proxy='/proxy')")
    asked = []
    colab = types.ModuleType("google.colab")
    colab.output = types.SimpleNamespace(
        serve_kernel_port_as_iframe=lambda *args, **kwargs: asked.append((args, kwargs))
    )
    monkeypatch.setitem(sys.modules, "google.colab", colab)
    notebook.run("app.show(height=400)")
    ((port,), options) = asked[0]
    assert port == _notebook._shown["Counting"].port
    assert options["height"] == "400"
    assert re.match(r"/[\w-]{32}/#", options["path"])


def test_elsewhere_there_is_nothing_to_show_it_in():
    with pytest.raises(AppError, match=r"for notebooks: elsewhere app\.run serves"):
        lf.App("x").show()
