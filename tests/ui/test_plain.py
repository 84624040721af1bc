"""Sign-in, first run, thanks and problems: whole without script, escaped, and they repeat no password."""

from html.parser import HTMLParser

from ui.pages.plain import FIELDS, render_first_run, render_problem_page, render_sign_in, render_thanks, time_zones

EVIL = '"><script>alert(1)</script>'


class _Page(HTMLParser):
    """The elements of a page, with their attributes."""

    def __init__(self, html):
        super().__init__()
        self.elements = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def test_sign_in_is_a_form_a_browser_understands():
    page = _Page(render_sign_in('/leads/1', None, ''))

    inputs = {each['name']: each for each in page.all('input')}
    assert page.all('form')[0] == {'method': 'post', 'action': '/login'}
    assert inputs['next']['value'] == '/leads/1'
    assert inputs['email']['autocomplete'] == 'username' and inputs['password']['autocomplete'] == 'current-password'


def test_every_field_has_a_label_and_every_error_is_tied_to_its_field():
    page = _Page(render_first_run(True, {'email': 'has no @', 'form': 'somebody was faster'}, {'name': 'Ines', 'password': 'hunter2'}))

    labelled = {each['for'] for each in page.all('label')}
    fields = [each for each in page.all('input') + page.all('select') if each.get('type') != 'hidden']
    assert {each['id'] for each in fields} == labelled == set(FIELDS)
    wrong = next(each for each in fields if each['id'] == 'email')
    assert wrong['aria-invalid'] == 'true' and wrong['aria-describedby'] == 'email-error'
    assert any(attributes.get('role') == 'alert' for _, attributes in page.elements)


def test_what_was_typed_comes_back_escaped_and_the_password_never():
    first = render_first_run(False, {'name': EVIL}, {'name': EVIL, 'password': 'hunter2'})
    html = first + render_sign_in(EVIL, EVIL, EVIL) + render_thanks(EVIL) + render_problem_page(404, EVIL, EVIL, EVIL)

    assert '<script>alert' not in html and 'hunter2' not in html


def test_the_one_time_code_is_asked_for_only_when_needed():
    assert 'name="code"' in render_first_run(True, {}, {})
    assert 'name="code"' not in render_first_run(False, {}, {})


def test_the_time_zone_is_utc_unless_one_was_chosen():
    assert '<option selected>UTC</option>' in render_first_run(False, {}, {})
    assert '<option selected>Europe/Berlin</option>' in render_first_run(False, {}, {'time_zone': 'Europe/Berlin'})
    assert time_zones()[0] == 'UTC' and 'America/Chicago' in time_zones()


def test_a_problem_page_offers_another_try_only_where_it_can_help():
    assert 'Try again' in render_problem_page(503, 'Not stored', 'The database did not answer.', 'r1')
    assert 'Go to the inbox' in render_problem_page(404, 'No such lead', 'There is none.', 'r1')


def test_scripts_and_styles_come_from_our_own_files_only():
    for html in (render_sign_in('/', None, ''), render_first_run(False, {}, {}), render_thanks(''), render_problem_page(404, 't', 'd', '')):
        page = _Page(html)
        sources = [each['src'] for each in page.all('script')] + [each['href'] for each in page.all('link')]
        assert sources and all(source.startswith('/static/') for source in sources)
