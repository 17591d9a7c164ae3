"""The HTML report in a real browser: nothing a target sent runs or calls out, and what script adds works."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from checks.model import Status
from reports.html import render
from reports.result import Result
from tests.reports import sample

pytestmark = pytest.mark.browser

AXE = Path(__file__).parent / "vendor" / "axe-core-4.10.3.min.js"
"""Deque's axe-core, MPL 2.0, as published on npm; unchanged. Its licence lies beside it."""

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
            ],
        )
        yield chromium
        chromium.close()


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Open a result as a file, and fail if the page asked for anything, showed a dialog or logged an error."""
    seen: list[str] = []
    contexts = []

    def opened(
        result: Result,
        lang: str = "zh",
        *,
        fragment: str = "",
        width: int = 1200,
        script: bool = True,
        dark: bool = False,
    ) -> Page:
        path = tmp_path / f"{len(contexts)}.html"
        path.write_text(render(result, lang), encoding="utf-8")
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            java_script_enabled=script,
            color_scheme="dark" if dark else "light",
        )
        contexts.append(context)
        page = context.new_page()
        page.on(
            "request",
            lambda request: seen.append(request.url) if not request.url.startswith("file://") else None,
        )
        page.on("requestfailed", lambda request: seen.append(f"failed: {request.url}"))
        page.on("dialog", lambda dialog: (seen.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("pageerror", lambda error: seen.append(f"error: {error}"))
        page.on("console", lambda message: seen.append(f"console: {message.text}"))
        page.on("popup", lambda popup: seen.append(f"popup: {popup.url}"))
        page.on(
            "framenavigated", lambda frame: seen.append(f"frame: {frame.url}") if frame.parent_frame else None
        )
        page.goto(path.as_uri() + fragment)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert seen == []


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("make", [sample.hostile, sample.flooded])
def test_nothing_that_a_target_sent_runs(show: Open, lang: str, make: Callable[[], Result]) -> None:
    page = show(make(), lang)
    page.locator("#expand").click()
    for summary in page.locator("details:not([open]) > summary").all()[:60]:
        if summary.is_visible():
            summary.click()
    page.locator("#filter-text").fill("<img src=x onerror=window.__pwned=1>")
    page.wait_for_timeout(300)
    assert page.evaluate("window.__pwned") is None
    assert page.evaluate("document.scripts.length") == 1
    assert page.evaluate("document.querySelectorAll('iframe,img,object,embed,link,base').length") == 0
    assert page.evaluate(
        "[...document.links].every(a => a.protocol === 'file:' || /^https?:$/.test(a.protocol))"
    )
    assert page.evaluate(
        "[...document.querySelectorAll('*')].every(e => [...e.attributes].every(a => !/^on/i.test(a.name)))"
    )


def test_a_script_of_someone_else_would_not_run(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    document = render(sample.rich())
    planted = document.replace(
        "<main", '<script>window.__pwned = 1</script><p onclick="window.__pwned = 1" id=bait>x</p><main', 1
    )
    path.write_text(planted, encoding="utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    page.locator("#bait").click()
    assert page.evaluate("window.__pwned") is None
    page.close()


@pytest.mark.parametrize("width", [390, 768, 1400])
@pytest.mark.parametrize("make", [sample.rich, sample.hostile, sample.empty])
def test_no_page_is_wider_than_its_screen(show: Open, make: Callable[[], Result], width: int) -> None:
    page = show(make(), width=width)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_filter_narrows_and_comes_back(show: Open) -> None:
    page = show(sample.rich())
    deviating = sum(finding.status.deviates for finding in sample.rich().findings)
    rows, rules = page.locator("#to-mend tbody > tr:visible"), page.locator("#to-mend > .rule:visible")
    assert rows.count() == deviating
    everything = rules.count()
    page.locator("#filter-severity").select_option("critical")
    expect(page.locator("#to-mend > .rule:not([hidden])")).to_have_count(1)
    assert "Redis" in (rules.first.text_content() or "")
    assert page.locator("#filter-count").inner_text() == f"显示 1 类、1 处，共 {everything} 类"
    page.locator("#filter-severity").select_option("")
    page.locator("#filter-status").select_option("fail")
    failed = sum(finding.status is Status.FAIL for finding in sample.rich().findings)
    expect(page.locator("#to-mend tbody > tr:not([hidden])")).to_have_count(failed)
    page.locator("#filter-status").select_option("")
    page.locator("#filter-text").fill("NOTHING has this")
    expect(page.locator("#to-mend > .rule:not([hidden])")).to_have_count(0)
    assert page.locator("#filter-count").inner_text() == "没有符合条件的问题。"
    page.locator("#filter-text").fill("3306")
    expect(page.locator("#to-mend tbody > tr:not([hidden])")).to_have_count(1)
    page.locator("#filter-text").fill("")
    expect(page.locator("#to-mend tbody > tr:not([hidden])")).to_have_count(deviating)


def test_a_filtered_report_is_printed_whole(show: Open) -> None:
    page = show(sample.rich())
    page.locator("#filter-severity").select_option("critical")
    expect(page.locator("#to-mend > .rule:not([hidden])")).to_have_count(1)
    page.emulate_media(media="print")
    deviating = sum(finding.status.deviates for finding in sample.rich().findings)
    assert page.locator("#to-mend tbody > tr:visible").count() == deviating
    assert not page.locator("#filter").is_visible()


def test_everything_works_from_the_keyboard(show: Open) -> None:
    page = show(sample.rich())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["x"] >= 0  # type: ignore[index]
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.locator("#collapse").focus()
    page.keyboard.press("Enter")
    assert page.locator("#to-mend > .rule[open]").count() == 0
    page.locator("#to-mend > .rule > summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("#to-mend > .rule[open]").count() == 1
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_a_link_to_a_folded_place_unfolds_it(show: Open) -> None:
    result = sample.rich()
    key = next(finding.key for finding in result.findings if finding.check == "ssh/weak-kex")
    page = show(result, fragment=f"#f-{key}")
    assert page.locator(f"#f-{key}").is_visible()
    page.locator("#collapse").click()
    page.locator("#duties a", has_text="安全管理制度和负责人").click()
    expect(page.locator("#duty-management")).to_have_attribute("open", "")
    page.evaluate(f"location.hash = 'f-{key}-none'")
    page.evaluate("location.hash = '%'")


def test_without_script_all_is_there_and_the_filter_is_not(show: Open) -> None:
    page = show(sample.rich(), script=False)
    assert not page.locator("#filter").is_visible()
    assert page.locator("#to-mend tbody > tr:visible").count() == sum(
        f.status.deviates for f in sample.rich().findings
    )
    page.locator("#services .service > summary").first.click()
    assert page.locator("#services .service .facts").first.is_visible()


def test_paper_shows_what_is_folded_even_without_script(show: Open) -> None:
    page = show(sample.rich("police"), script=False)
    folded = page.locator("#services .service .facts").first
    assert not folded.is_visible()
    page.emulate_media(media="print")
    assert folded.is_visible()
    assert page.locator("#articles blockquote").first.is_visible()
    assert not page.locator(".toc").is_visible()
    pdf = page.pdf(prefer_css_page_size=True)
    pages = max(int(count) for count in re.findall(rb"/Count (\d+)", pdf))
    assert 15 <= pages <= 40
    (box,) = set(re.findall(rb"/MediaBox \[([0-9. ]+)\]", pdf))
    width, height = (float(number) for number in box.split()[2:])
    assert (round(width / 72 * 25.4), round(height / 72 * 25.4)) == (210, 297)


def test_cover_is_one_page_of_paper(show: Open) -> None:
    page = show(sample.rich("police"), width=688)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 673, "height": 990})
    # 297 mm less the margins of 17 and 18 mm, in CSS pixels.
    assert page.locator(".cover").bounding_box()["height"] <= (297 - 35) / 25.4 * 96  # type: ignore[index]


@pytest.mark.parametrize(("width", "dark"), [(1300, False), (1300, True), (390, False), (390, True)])
@pytest.mark.parametrize(
    ("make", "lang"), [(sample.with_domain, "zh"), (lambda: sample.rich("police"), "en")]
)
def test_accessible_by_wcag_22_aa(
    show: Open, make: Callable[[], Result], lang: str, width: int, dark: bool
) -> None:
    page = show(make(), lang, width=width, dark=dark)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    # What is not yet drawn has no true size, and would seem to lie over its neighbours.
    page.evaluate(
        "document.querySelectorAll('.rule, .service').forEach(e => { e.style.contentVisibility = 'visible' })"
    )
    page.evaluate(AXE.read_text(encoding="utf-8"))
    levels = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    report = page.evaluate(f"axe.run(document, {{runOnly: {levels}}})")
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in report["violations"]] == []
    assert len(report["passes"]) > 30


def test_dark_is_dark_and_paper_is_not(show: Open) -> None:
    page = show(sample.rich(), dark=True)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 26)"
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_a_city_of_findings_opens_and_filters(show: Open) -> None:
    result = sample.large()
    page = show(result)
    assert page.locator("#to-mend tbody > tr").count() == sum(
        finding.status.deviates for finding in result.findings
    )
    page.locator("#filter-text").fill("10.0.7.1:443")
    wanted = sum(f.status.deviates and f.subject_label == "10.0.7.1:443" for f in result.findings)
    assert wanted
    expect(page.locator("#to-mend tbody > tr:not([hidden])")).to_have_count(wanted)
