"""Two leads that are one person: compared, merged, taken apart again; and the new lead that is somebody known already."""

import pytest

from tests.ui.lead_desk import crowded, fresh, opened, press, says, toast

pytestmark = pytest.mark.long  # in a browser, beyond the paths that everybody walks


@pytest.fixture(scope='module')
def shared(chromium):
    yield from crowded(chromium)


def compare(page, name):
    page.get_by_role('button', name='More').click()
    page.get_by_role('menuitem', name='Merge with').click()
    page.get_by_role('combobox', name='Merge with').fill(name)
    page.get_by_role('option').first.click()
    pair = page.get_by_role('dialog', name='Compare two leads')
    pair.wait_for()
    return pair


def test_two_leads_are_compared_merged_and_taken_apart_again(desk):
    kept = fresh(desk, 'Tess Twin', phone='+1 312 555 0110')
    fresh(desk, 'Tessa Twin', email='tessa@example.org', message='It is me again')
    page = opened(desk, kept)

    pair = compare(page, 'tessa@')
    assert pair.locator('.lk-wins', has_text='tess.twin@example.com').count() == 1
    assert 'come along' in pair.inner_text()
    pair.get_by_role('button', name='Merge', exact=True).click()
    page.locator('.lk-said', has_text='It is me again').wait_for()
    offer = toast(page, 'Two leads merged into one')
    offer.get_by_role('button', name='Undo').click()

    toast(page, 'Both leads are as they were')
    page.locator('.lk-said', has_text='It is me again').wait_for(state='detached')


def test_the_other_one_can_be_the_one_that_is_kept(desk):
    open_one = fresh(desk, 'Uma Twin')
    other = fresh(desk, 'Ursa Twin', email='ursa@example.org')
    page = opened(desk, open_one)

    pair = compare(page, 'ursa@')
    pair.get_by_role('button', name='Keep the other one').click()
    pair.locator('.lk-wins', has_text='ursa@example.org').wait_for()
    pair.get_by_role('button', name='Merge', exact=True).click()

    page.wait_for_url(f'**/leads/{other}')
    page.get_by_role('heading', name='Ursa Twin').wait_for()


def test_the_data_tab_proves_what_was_kept_and_undoes_a_merge(desk):
    kept = fresh(desk, 'Vera Twin', message='the very words')
    fresh(desk, 'Vesna Twin', email='vesna@example.org')
    page = opened(desk, kept)
    compare(page, 'vesna@').get_by_role('button', name='Merge', exact=True).click()
    toast(page, 'Two leads merged into one')

    page.get_by_role('tab', name='Data').click()
    page.get_by_role('button', name='Show as it came').last.click()
    page.locator('pre', has_text='the very words').wait_for()
    assert page.locator('.lk-receipt').count() == 2 and '.' in page.locator('.lk-signed').first.inner_text()
    page.get_by_role('button', name='Undo merge').click()

    page.get_by_role('button', name='Undo merge').wait_for(state='detached')


def test_leaving_the_comparison_changes_nothing_and_gives_the_focus_back(desk):
    page = opened(desk, fresh(desk, 'Wanda Twin'))
    fresh(desk, 'Wilma Twin', email='wilma@example.org')

    pair = compare(page, 'wilma@')
    page.keyboard.press('Escape')
    pair.wait_for(state='detached')

    assert page.locator('.lk-entry', has_text='merged').count() == 0
    assert page.evaluate('document.activeElement.title') == 'More'


def form(page):
    press(page, 'new')
    box = page.get_by_role('dialog', name='New lead')
    box.wait_for()
    return box


def test_somebody_known_is_offered_while_a_new_lead_is_typed(desk):
    known = fresh(desk, 'Xena Known', phone='+1 312 555 0120')
    page = opened(desk, fresh(desk, 'Yan Other'))

    box = form(page)
    box.get_by_label('Phone').fill('(312) 555-0120')
    box.get_by_role('button', name='Open Xena Known').click()

    page.wait_for_url(f'**/leads/{known}')
    box.wait_for(state='hidden')


def test_a_new_lead_is_checked_kept_and_opened(desk):
    page = opened(desk, fresh(desk, 'Zoe Other'))

    box = form(page)
    box.get_by_label('Name').fill('Walter Walkin')
    box.get_by_role('button', name='Add lead').click()
    box.get_by_role('alert').wait_for()
    box.get_by_label('E-mail').fill('no address')
    box.get_by_role('button', name='Add lead').click()
    box.get_by_role('alert').filter(has_text='address').wait_for()
    assert box.get_by_label('Name').input_value() == 'Walter Walkin'
    box.get_by_label('E-mail').fill('walter@example.org')
    box.get_by_label('What do they want?').fill('Stood at the counter')
    box.get_by_label('How they came').select_option('Walk-in')
    box.get_by_role('button', name='Add lead').click()

    page.get_by_role('heading', name='Walter Walkin').wait_for()
    page.locator('.lk-said', has_text='Stood at the counter').wait_for()
    says(page, 'owner', 'Ines Navarro')


def test_who_may_only_look_has_no_new_lead(desk):
    page = opened(desk, fresh(desk, 'Abel Look'), 'olga@example.com')

    press(page, 'new')

    assert page.get_by_role('dialog').count() == 0
