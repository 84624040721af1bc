// Follow-ups: the agenda and the day beside it. Groups, clocks, selection and keys live here; the server sends rows once and then only what changed.
import Feed from 'calendar_feed';
import day, { monday, plus } from 'follow_up_day';
import { Form, Outcome } from 'follow_up_form';
import deeds from 'follow_up_deeds';
import { Menu, Sheet } from 'lead_choice';

const icon = (name, more = 'lk-i14') => `<svg class="lk-i ${more}" aria-hidden="true"><use :href="icons + '#${name}'"/></svg>`;
const NARROW = matchMedia('(max-width: 820px)');
const TOUCH = matchMedia('(max-width: 820px), (hover: none)');
const SOON = 30 * 60000; // amber from here on
const WEEKDAY = new Intl.DateTimeFormat(document.documentElement.lang || navigator.language, { weekday: 'short' });

export default {
  mixins: [deeds],
  components: { 'lk-feed': Feed, 'lk-fu-day': day, 'lk-fu-form': Form, 'lk-fu-outcome': Outcome, 'lk-menu-at': Menu, 'lk-sheet': Sheet },

  template: `
    <section class="lk-fu" :data-view="view" aria-label="Follow-ups">
      <header class="lk-bar">
        <h1>Follow-ups</h1>
        <div class="lk-tabs" role="group" aria-label="Show"><button v-for="[key, name] in views" :key="key" type="button" :class="'lk-fu-tab-' + key" :aria-pressed="view === key ? 'true' : 'false'" @click="turn(key)">{{ name }}</button></div>
        <span class="lk-grow"></span>
        <button ref="who" type="button" class="lk-btn lk-quiet" aria-haspopup="true" aria-expanded="false" title="Whose, F" @click="openWho"><span class="lk-cut">{{ whose }}</span>${icon('chevron-down')}</button>
        <button v-if="me" type="button" class="lk-btn lk-quiet lk-square" aria-haspopup="dialog" title="Calendar feed" @click="$refs.feed.open()">${icon('calendar')}<span class="lk-sr">Calendar feed</span></button>
        <button v-if="may" type="button" class="lk-btn lk-primary" aria-haspopup="dialog" @click="add">${icon('plus')}<span class="lk-fu-word">Follow-up</span><span class="lk-key" aria-hidden="true">T</span></button>
      </header>
      <div class="lk-fu-cols">
        <div v-if="view !== 'week'" class="lk-fu-list" data-keys="list">
          <q-virtual-scroll v-if="items.length" ref="scroll" class="lk-scroll" role="group" aria-label="Agenda" tabindex="0"
            :items="items" :virtual-scroll-item-size="size" :virtual-scroll-slice-size="30">
            <template #default="{ item }">
              <h2 v-if="item.head" :key="item.head" class="lk-group">{{ item.head }} <span class="lk-num">{{ item.count }}</span></h2>
              <div v-else :key="item.id" class="lk-fu-row" :class="{ 'lk-fu-at': item.id === at, 'lk-fu-done': item.done }" :data-id="item.id">
                <button type="button" role="checkbox" class="lk-fu-box" :aria-checked="item.done ? 'true' : 'false'" :aria-disabled="!may || item.done || busy.has(item.id) ? 'true' : null" @click="tick(item)">${icon('check', 'lk-i12')}<span class="lk-sr">Done: {{ item.title }}, {{ item.lead }}</span></button>
                <button type="button" class="lk-fu-what" :aria-current="item.id === at ? 'true' : null" @click="pick(item.id, $event.currentTarget, $event.detail)" @focus="at = item.id"><svg class="lk-i" aria-hidden="true"><use :href="icons + '#' + item.icon"/></svg><span class="lk-sr">{{ item.word }}: </span><span class="lk-cut">{{ item.title }}</span></button>
                <a class="lk-fu-lead lk-cut" :href="'/leads/' + item.leadId">{{ item.lead }}</a>
                <span v-if="may && item.id === at && !item.done" class="lk-fu-keys"><button type="button" @click="complete(item)"><span class="lk-key">E</span>done</button><button type="button" aria-haspopup="menu" @click="openSnooze(item, $event.currentTarget)"><span class="lk-key">S</span>snooze</button>
                  <button type="button" aria-haspopup="menu" aria-expanded="false" title="More" @click="openMore(item, $event.currentTarget)">${icon('ellipsis')}<span class="lk-sr">More</span></button></span>
                <time class="lk-num" :data-tone="item.done ? null : tone(item)" :title="full(item.done || item.due)"><span v-if="!item.done && item.due <= now" class="lk-sr">Overdue since </span>{{ when(item) }}</time>
                <span v-if="item.owner" class="lk-av" :data-av="item.tint" :title="item.owner"><span aria-hidden="true">{{ item.initials }}</span><span class="lk-sr">Owner {{ item.owner }}</span></span>
                <span v-else class="lk-av lk-none" title="Nobody yet"><span class="lk-sr">No owner</span></span>
              </div>
            </template>
          </q-virtual-scroll>
          <div v-else class="lk-state">
            <span class="lk-glyph">${icon('list-checks', '')}</span>
            <h2>{{ nothing[0] }}</h2><p>{{ nothing[1] }}</p>
            <button v-if="asked.owner !== 'all'" type="button" class="lk-btn" @click="go({ owner: 'all' })">Show everybody's</button>
            <button v-else-if="may" type="button" class="lk-btn" @click="add">Add a follow-up</button>
          </div>
        </div>
        <lk-fu-day :rows="rows" :day="day" :week="view === 'week'" :now="now" :at="at" :tone="blockTone" :icons="icons" @pick="pick" @shift="shift"/>
      </div>
      <lk-menu-at ref="menu" :icons="icons"/><lk-sheet ref="sheet"/><lk-feed ref="feed" :icons="icons" :send="(name, values) => order('feed.' + name, values)"/>
      <lk-fu-form v-if="may" ref="form" :people="people" :me="me" :icons="icons" :save="order" :find="find"/><lk-fu-outcome v-if="may" ref="outcome" :icons="icons"/>
      <div class="lk-sr" role="status" aria-live="polite">{{ said }}</div>
    </section>`,

  props: { initial: String, clock: Number, me: String, people: Array, may: Boolean, icons: String },

  data() {
    const { rows, asked } = JSON.parse(this.initial || '{"rows":[],"asked":{"owner":"","view":""}}');
    const now = window.lk.now();
    return {
      rows: Object.freeze(rows.map(Object.freeze)),
      asked,
      views: [['agenda', 'Agenda'], ['day', 'Day'], ['week', 'Week']],
      view: asked.view || 'agenda',
      day: plus(now, 0), // midnight of the day beside the agenda; of any day of the week that is shown
      now,
      at: null,
      busy: new Set(),
      size: TOUCH.matches ? 64 : 40,
      said: '',
    };
  },

  computed: {
    // By the visitor's own clock and zone; a follow-up is overdue by itself.
    groups() {
      const [today, tomorrow] = [plus(this.now, 0), plus(this.now, 1)];
      const groups = { Overdue: [], Today: [], 'Done today': [], Upcoming: [] };
      for (const row of this.rows) {
        if (row.done) row.done >= today && row.done < tomorrow && groups['Done today'].push(row);
        else if (row.due <= this.now) groups.Overdue.push(row);
        else groups[row.due < tomorrow ? 'Today' : 'Upcoming'].push(row);
      }
      for (const [name, all] of Object.entries(groups)) all.sort((a, b) => (name === 'Done today' ? b.done - a.done : a.due - b.due) || (a.id < b.id ? -1 : 1));
      return groups;
    },
    items() {
      return Object.entries(this.groups).flatMap(([head, all]) => (all.length ? [{ head, count: all.length }, ...all] : []));
    },
    listed() {
      const week = this.view === 'week';
      return week || this.view === 'day' ? this.rows.filter((row) => row.due >= this.range[0] && row.due < this.range[1]).sort((a, b) => a.due - b.due) : this.items.filter((item) => item.id);
    },
    range() {
      return this.view === 'week' ? [monday(this.day), plus(monday(this.day), 7)] : [this.day, plus(this.day, 1)];
    },
    whose() {
      if (!this.asked.owner) return 'Mine';
      return this.asked.owner === 'all' ? 'Everybody' : this.people.find((each) => each.id === this.asked.owner)?.name || 'Somebody';
    },
    nothing() {
      if (this.asked.owner === 'all') return ['Nothing to follow up', 'No lead waits for a call, a quote or an answer.'];
      return ['Nothing here', this.asked.owner ? `${this.whose} has nothing to follow up.` : 'You have nothing to follow up.'];
    },
  },
  watch: {
    range: { handler: 'tellRange', deep: true },
    // A row that moves to another group loses the focus in the browser; it is given back.
    items() {
      const held = document.activeElement?.closest('.lk-fu-row, .lk-fu-block');
      if (held && this.$el.contains(held)) this.$nextTick(() => document.activeElement === document.body && this.at && this.bring(this.at, true));
    },
  },

  created() {
    this.full = window.lk.full;
  },
  mounted() {
    window.lk.sync(this.clock);
    window.addEventListener('lk:key', this.key);
    TOUCH.addEventListener('change', this.resize);
    NARROW.addEventListener('change', this.resize);
    this.timer = setInterval(this.beat, 1000);
    this.beat();
    this.resize();
    this.tellRange();
  },
  unmounted() {
    window.removeEventListener('lk:key', this.key);
    TOUCH.removeEventListener('change', this.resize);
    NARROW.removeEventListener('change', this.resize);
    clearInterval(this.timer);
  },

  methods: {
    // called by the server
    start(first, clock) {
      this.rows = Object.freeze(first.rows.map(Object.freeze));
      this.asked = first.asked;
      this.view = first.asked.view || 'agenda';
      this.resize();
      window.lk.sync(clock, true);
      this.now = window.lk.now();
      this.tellRange();
    },
    patch(rows, gone) {
      const known = new Map(this.rows.map((row) => [row.id, row]));
      for (const id of gone) known.delete(id);
      for (const row of rows) known.set(row.id, Object.freeze(row));
      this.now = window.lk.now();
      this.rows = Object.freeze([...known.values()]);
      this.busy = new Set([...this.busy].filter((id) => known.get(id) && !known.get(id).done));
      if (this.at && !known.has(this.at)) this.at = null;
    },

    // done here
    go(change) {
      const asked = { ...this.asked, ...change };
      const query = new URLSearchParams(Object.entries(asked).filter(([, text]) => text));
      window.lk.go(`/follow-ups${query.size ? `?${query}` : ''}`);
    },
    turn(view) {
      if (view === this.view) return;
      this.view = view;
      this.go({ view: view === 'agenda' ? '' : view });
    },
    resize() {
      this.size = TOUCH.matches ? 64 : 40;
      if (this.view === 'day' && !NARROW.matches) this.view = 'agenda'; // there it stands beside it
      this.$refs.scroll?.reset();
    },
    // Drawn anew when the minute changes or something becomes due, not every second.
    beat() {
      const now = window.lk.now();
      const late = this.rows.find((row) => !row.done && row.due > this.now && row.due <= now);
      if (late) this.said = `${late.title}, ${late.lead}, is overdue`;
      if (!late && Math.floor(now / 60000) === Math.floor(this.now / 60000)) return;
      const wasToday = plus(this.now, 0) === this.day;
      this.now = now;
      if (wasToday) this.day = plus(now, 0);
    },
    tellRange() {
      this.$emit('range', { from: this.range[0], to: this.range[1] });
    },
    shift(by) {
      this.day = by ? plus(this.day, by * (this.view === 'week' ? 7 : 1)) : plus(this.now, 0);
    },
    tone(row) {
      return row.due <= this.now ? 'red' : row.due - this.now < SOON ? 'amber' : null;
    },
    blockTone(row) {
      if (row.done) return 'done';
      return this.tone(row) || (row.kind === 'appointment' ? 'green' : 'blue');
    },
    when(row) {
      const at = row.done || row.due;
      const [today, here] = [plus(this.now, 0), plus(at, 0)];
      if (here === today) return window.lk.hm(at);
      if (at > this.now) return window.lk.when(at);
      if (plus(here, 1) === today) return 'Yesterday';
      return here > plus(today, -7) ? WEEKDAY.format(at) : window.lk.date(at);
    },
    // `clicks` as the browser counts them, 0 for a key: a click chooses, two open the lead as Enter does.
    pick(id, anchor, clicks) {
      this.at = id;
      const row = this.rows.find((each) => each.id === id);
      if (NARROW.matches || this.view === 'week') this.openMore(row, anchor);
      else if (clicks === 0 || clicks === 2) window.lk.go(`/leads/${row.leadId}`);
      else this.bring(id, false);
    },
    bring(id, focus) {
      const found = () => {
        const row = this.$el.querySelector(`.lk-fu-row[data-id="${id}"]`) || this.$el.querySelector(`.lk-fu-block[data-id="${id}"]`);
        row?.scrollIntoView({ block: 'nearest' });
        if (focus) (row?.querySelector('.lk-fu-what') || row)?.focus({ preventScroll: true });
        return row;
      };
      if (found()) return;
      const index = this.items.findIndex((item) => item.id === id);
      if (index < 0) return;
      this.$refs.scroll?.scrollTo(index, 'center');
      this.$nextTick(() => requestAnimationFrame(found));
    },
    move(by) {
      const ids = this.listed.map((row) => row.id);
      if (!ids.length) return;
      const at = ids.indexOf(this.at);
      const id = ids[at < 0 ? (by > 0 ? 0 : ids.length - 1) : Math.min(ids.length - 1, Math.max(0, at + by))];
      this.at = id;
      this.$nextTick(() => this.bring(id, true));
    },
    key(event) {
      const { name } = event.detail;
      const row = this.rows.find((each) => each.id === this.at);
      const anchor = () => this.$el.querySelector(`[data-id="${this.at}"]`);
      if (name === 'next') this.move(1);
      else if (name === 'previous') this.move(-1);
      else if (name === 'filter') this.openWho();
      else if (name === 'back') this.at = null;
      else if (name === 'follow-up' && this.may) this.add();
      else if (!row) return;
      else if (name === 'open' && !document.activeElement?.closest('a, button')) window.lk.go(`/leads/${row.leadId}`);
      else if (!this.may || row.done) return;
      else if (name === 'close') this.complete(row);
      else if (name === 'snooze') this.openSnooze(row, anchor());
      else if (name === 'assign') this.openOwner(row, anchor());
      else if (name === 'assign-me') this.order('assign', { id: row.id, owner: this.me, aloud: true });
    },
  },
};
