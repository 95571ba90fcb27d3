"""Custom elements and scripts of the app's own."""

import re

import livefloe as lf
import pytest
from livefloe.errors import AppError, TestFailed


class Charts(lf.State):
    points: list[int] = [1, 2]
    chosen: str = ""


def test_props_go_down_and_values_come_up(tmp_path):
    file = tmp_path / "chart.js"
    file.write_text("customElements.define('my-chart', class extends HTMLElement {})")
    app = lf.App()
    app.script(file)

    def choose(where: str, value: str):
        charts = Charts()
        charts.chosen = f"{where} {value}"
        charts.points.append(3)

    @app.page("/")
    def page():
        props = {"points": Charts().points, "title": '<"&'}
        lf.custom("my-chart", props=props, name="chart", on_change=choose, args=("here",))
        lf.text(Charts().chosen)

    with lf.testing.Site(app) as site:
        _, body = site.get("/")
        address = re.search(r'src="[./]*(/livefloe/[\w-]+/own/chart.js)"', body).group(1)
        assert site.get(address) == (200, file.read_text())
        assert site.get("/livefloe/x/own/other.js")[0] == 404
        page = site.open("/")
        assert "&quot;points&quot;:[1,2]" in page.html
        assert "&quot;title&quot;:&quot;&lt;\\&quot;&amp;&quot;" in page.html
        page.type("chart", "7")
        page.sees("here 7")
        assert "&quot;points&quot;:[1,2,3]" in page.html


@pytest.mark.parametrize("name", ["chart", "lf-chart", "My-chart", "a-b onclick=x", "font-face"])
def test_another_name_is_refused(name):
    app = lf.App()
    app.page("/")(lambda: lf.custom(name))
    with pytest.raises(TestFailed, match="the name of a custom element"):
        lf.test(app).__enter__()


@pytest.mark.parametrize("name", ["chart.css", "../x.js", ".js", "a b.js"])
def test_a_script_has_a_plain_name(tmp_path, name):
    file = tmp_path / "x.js"
    file.write_text("")
    with pytest.raises(AppError, match="a name such as chart"):
        lf.App().script(file, name=name)
