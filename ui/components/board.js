// The SLA board: clocks, columns, selection and keys live here; the server sends cards once, then what changed, and alone says what is late.
import BoardCard from 'board_card';
import { Menu, Sheet } from 'lead_choice';

const icon = (name, more = 'lk-i14') => `<svg class="lk-i ${more}" aria-hidden="true"><use :href="icons + '#${name}'"/></svg>`;
const TOUCH = matchMedia('(max-width: 820px), (hover: none)');
const SOON = 30 * 60 * 1000;
const HEAT = { hot: 0, warm: 1, cold: 2 };
const COLUMNS = [
  ['late', 'Breached', 'Nobody is late'],
  ['soon', 'Due in 30 min', 'Nothing is due soon'],
  ['track', 'On track', 'Nobody else waits'],
  ['done', 'Responded', 'No first reply yet today'],
];
const WORST = (a, b) => Math.floor(a.due / 60) - Math.floor(b.due / 60) || HEAT[a.quality] - HEAT[b.quality] || a.due - b.due;
const ORDER = { late: WORST, soon: WORST, track: (a, b) => (a.place === 'paused') - (b.place === 'paused') || WORST(a, b), done: (a, b) => b.done - a.done };

export default {
  components: { 'lk-board-card': BoardCard, 'lk-menu-at': Menu, 'lk-sheet': Sheet },

  template: `
    <section class="lk-board" aria-label="SLA board">
      <header class="lk-bar">
        <h1>SLA board</h1><span class="lk-count">{{ waiting }} waiting</span>
        <span class="lk-grow"></span>
        <div class="lk-bfilters">
          <nav class="lk-tabs" aria-label="Quality"><a v-for="[key, name] in qualities" :key="key" :href="path({ quality: key })" :aria-current="asked.quality === key ? 'true' : null">{{ name }}</a></nav>
          <label v-if="places.length > 1" class="lk-pick">${icon('map-pin')}<span class="lk-sr">Location</span>
            <select :value="asked.location" @change="go({ location: $event.target.value })"><option value="">All locations</option><option v-for="place in places" :key="place.id" :value="place.id">{{ place.name }}</option></select></label>
        </div>
        <a v-if="settings" class="lk-btn lk-quiet lk-square" :href="settings" title="SLA policies">${icon('settings', '')}<span class="lk-sr">SLA policies</span></a>
      </header>
      <div class="lk-bcols" tabindex="0" role="region" aria-label="Columns">
        <section v-for="[key, name, none] in names" :key="key" class="lk-bcol" :data-column="key" :aria-label="name" data-keys="list">
          <h2><i class="lk-bdot" :data-column="key" aria-hidden="true"></i>{{ name }} <span class="lk-num">{{ numbers[key] }}</span></h2>
          <q-virtual-scroll v-if="columns[key].length" :ref="key" class="lk-scroll" role="group" :aria-label="name + ', worst first'" tabindex="0"
            :items="columns[key]" :virtual-scroll-item-size="size(key)" :virtual-scroll-slice-size="6" :virtual-scroll-slice-ratio-before=".3" :virtual-scroll-slice-ratio-after=".3"
            @virtual-scroll="scrolled(key, $event)">
            <template #default="{ item }">
              <div :key="item.id" class="lk-bslot" :style="{ height: size(key) + 'px' }">
                <lk-board-card :row="item" :at="item.id === selected" :always="touch || key === 'late' || key === 'soon'" :me="me" :icons="icons" :minute="minute"
                  @at="selected = item.id" @assign="assign(item, $event)" @snooze="snooze(item, $event)" @reply="reply(item.id)" @called="act('called', item.id, $event)"/>
              </div>
            </template>
          </q-virtual-scroll>
          <p v-else class="lk-bempty">{{ none }}</p>
        </section>
      </div>
      <lk-menu-at ref="menu" :icons="icons"/>
      <lk-sheet ref="sheet"/>
      <div class="lk-sr" role="status" aria-live="polite">{{ said }}</div>
    </section>`,

  props: { initial: String, clock: Number, me: String, settings: String, people: Array, places: Array, icons: String },

  data() {
    const first = JSON.parse(this.initial || '{"rows":[],"counts":{},"more":[],"asked":{}}');
    return {
      rows: Object.freeze(first.rows.map(Object.freeze)),
      counts: first.counts,
      counted: this.clock, // when they were
      edge: this.clock, // the moment the two middle columns were told apart at
      more: new Set(first.more),
      tomorrow: first.tomorrow,
      asked: first.asked,
      names: COLUMNS,
      qualities: [['', 'All'], ['hot', 'Hot'], ['warm', 'Warm'], ['cold', 'Cold']],
      selected: null,
      touch: TOUCH.matches,
      minute: 0,
      said: '',
    };
  },

  computed: {
    columns() {
      const out = { late: [], soon: [], track: [], done: [] };
      for (const row of this.rows) out[this.column(row)].push(row);
      for (const key of Object.keys(out)) Object.freeze(out[key].sort(ORDER[key]));
      return out;
    },
    // The server counted at one moment; what stepped over by time since then is known here.
    numbers() {
      const over = this.rows.filter((row) => row.place === 'running' && row.due * 1000 - SOON > this.counted && row.due * 1000 - SOON <= this.edge).length;
      return { ...this.counts, soon: this.counts.soon + over, track: this.counts.track - over };
    },
    waiting() {
      return this.counts.late + this.counts.soon + this.counts.track;
    },
  },

  created() {
    this.waits = new Set(); // columns whose next cards are asked for
  },
  mounted() {
    window.lk.sync(this.clock);
    window.addEventListener('lk:key', this.key);
    document.addEventListener('keydown', this.across);
    TOUCH.addEventListener('change', this.resize);
    this.timer = setInterval(this.beat, 1000);
  },
  unmounted() {
    window.removeEventListener('lk:key', this.key);
    document.removeEventListener('keydown', this.across);
    TOUCH.removeEventListener('change', this.resize);
    clearInterval(this.timer);
  },

  methods: {
    // called by the server
    start(first, clock) {
      window.lk.sync(clock, true);
      this.rows = Object.freeze(first.rows.map(Object.freeze));
      [this.counts, this.counted, this.edge, this.asked, this.tomorrow] = [first.counts, clock, clock, first.asked, first.tomorrow];
      this.more = new Set(first.more);
      this.waits.clear();
    },
    patch(rows, gone, counts, clock) {
      const known = new Map(this.rows.map((row) => [row.id, row]));
      const late = rows.filter((row) => row.place === 'late' && known.get(row.id)?.place === 'running');
      for (const id of gone) known.delete(id);
      for (const row of rows) known.set(row.id, Object.freeze(row));
      const focused = this.$el.contains(document.activeElement) && this.selected;
      this.rows = Object.freeze([...known.values()]);
      [this.counts, this.counted, this.edge] = [counts, clock, Math.max(this.edge, clock)];
      if (late.length) this.say(late.length === 1 ? `${late[0].name} is past the reply time` : `${late.length} leads are past their reply time`);
      if (focused && known.has(focused)) this.$nextTick(() => this.$el.contains(document.activeElement) || this.select(focused)); // its card moved
    },
    append(key, rows, more) {
      const known = new Set(this.rows.map((row) => row.id));
      this.rows = Object.freeze([...this.rows, ...rows.filter((row) => !known.has(row.id)).map(Object.freeze)]);
      this.waits.delete(key);
      if (!more) this.more.delete(key);
    },

    // time
    column(row) {
      if (row.place === 'late' || row.place === 'done') return row.place;
      return row.place === 'running' && row.due * 1000 - this.edge <= SOON ? 'soon' : 'track';
    },
    beat() {
      const now = window.lk.now();
      this.minute = Math.floor(now / 60000);
      const over = this.rows.filter((row) => row.place === 'running' && row.due * 1000 - SOON > this.edge && row.due * 1000 - SOON <= now);
      if (over.length) {
        this.edge = now;
        this.say(over.length === 1 ? `${over[0].name} is due in 30 minutes` : `${over.length} leads are due in 30 minutes`);
        if (this.columns.track.length < 20) this.ask('track');
      }
      if (this.tomorrow && now > this.tomorrow) {
        this.tomorrow = 0;
        this.$emit('again');
      }
    },
    // At most once a minute: it is read aloud.
    say(text) {
      if (Date.now() - (this.spoke || 0) < 60000) return;
      this.spoke = Date.now();
      this.said = text;
    },

    // the window on each column
    size(key) {
      return this.touch ? (key === 'done' ? 92 : 134) : key === 'late' || key === 'soon' ? 119 : 89;
    },
    resize() {
      this.touch = TOUCH.matches;
    },
    scrolled(key, { to }) {
      if (to >= this.columns[key].length - 12) this.ask(key);
    },
    ask(key) {
      if (!this.more.has(key) || this.waits.has(key)) return;
      this.waits.add(key);
      this.$emit('more', key);
    },

    // filters
    path(change) {
      const query = new URLSearchParams(Object.entries({ ...this.asked, ...change }).filter(([, text]) => text));
      return `/sla${query.size ? `?${query}` : ''}`;
    },
    go(change) {
      window.lk.go(this.path(change));
    },

    // deeds
    act(name, id, value = '') {
      this.$emit('act', { name, id, value });
    },
    assign(row, anchor) {
      const items = this.people.map((each) => ({ value: each.id, label: each.name + (each.id === this.me ? ' (you)' : ''), initials: each.initials, tint: each.tint, checked: each.id === row.ownerId }));
      if (row.ownerId) items.push({ value: '', label: 'Nobody', icon: 'circle', line: true });
      this.$refs.menu.open({ label: 'Assign to', items, search: true, chosen: (owner) => this.act('assign', row.id, owner) }, anchor);
    },
    snooze(row, anchor) {
      const items = window.lk.later().map(([name, at]) => ({ value: at.toISOString(), label: name, hint: window.lk.when(at.getTime()), icon: 'alarm-clock' }));
      items.push({ value: '', label: 'Pick date and time', icon: 'calendar', line: true });
      this.$refs.menu.open({ label: 'Snooze until', items, chosen: (until) => (until ? this.act('snooze', row.id, until) : this.askTime(row.id)) }, anchor);
    },
    askTime(id) {
      const local = (ms) => new Date(ms - new Date(ms).getTimezoneOffset() * 60000).toISOString().slice(0, 16);
      const soon = Math.ceil((window.lk.now() + 3600000) / 1800000) * 1800000;
      this.$refs.sheet.ask({
        title: 'Snooze until', button: 'Snooze',
        fields: [{ name: 'until', label: 'Date and time', kind: 'datetime-local', value: local(soon), min: local(window.lk.now()) }],
        done: ({ until }) => (new Date(until) > window.lk.now() ? this.act('snooze', id, new Date(until).toISOString()) : { until: 'Choose a date and a time ahead.' }),
      });
    },
    // The lead with the composer ready: it is there a moment after the address.
    reply(id) {
      window.lk.go(`/leads/${id}`);
      const find = () => document.querySelector(`.lk-view[data-lead="${id}"] .lk-composer`) && (watch.disconnect(), window.lk.keys.fire('reply'));
      const watch = new MutationObserver(find);
      watch.observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-lead'] });
      setTimeout(() => watch.disconnect(), 10000);
    },

    // keys
    select(id, key = this.keyOf(id)) {
      this.selected = id;
      const find = () => {
        const link = this.$el.querySelector(`[data-id="${id}"] .lk-bname`);
        link?.focus({ preventScroll: true });
        link?.closest('.lk-bslot').scrollIntoView({ block: 'nearest', inline: 'nearest' });
        return link;
      };
      if (find()) return;
      this.list(key)?.scrollTo(this.columns[key].findIndex((row) => row.id === id), 'center');
      this.$nextTick(() => requestAnimationFrame(find));
    },
    list(key) {
      return [this.$refs[key]].flat()[0];
    },
    keyOf(id) {
      return Object.keys(this.columns).find((key) => this.columns[key].some((row) => row.id === id));
    },
    move(by) {
      const key = this.keyOf(this.selected) || Object.keys(this.columns).find((each) => this.columns[each].length);
      const rows = this.columns[key] || [];
      const at = rows.findIndex((row) => row.id === this.selected);
      const row = rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by))];
      if (row) this.select(row.id, key);
    },
    // Left and right: the card at the same place of the next column that has any.
    across(event) {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!by || window.lk.busy(event) || !window.lk.keys.on || document.querySelector('[role="menu"], dialog[open]')) return;
      if (event.target !== document.body && !this.$el.contains(event.target)) return;
      const filled = Object.keys(this.columns).filter((key) => this.columns[key].length);
      const from = this.keyOf(this.selected);
      const to = from ? filled[filled.indexOf(from) + by] : filled[0];
      if (!to) return;
      event.preventDefault();
      const place = from ? this.columns[from].findIndex((row) => row.id === this.selected) : 0;
      this.select(this.columns[to][Math.min(place, this.columns[to].length - 1)].id, to);
    },
    key(event) {
      const { name, value } = event.detail;
      const row = this.rows.find((each) => each.id === this.selected);
      if (name === 'next' || name === 'previous') return this.move(name === 'next' ? 1 : -1);
      if (name === 'filter') return this.$el.querySelector('.lk-tabs a')?.focus();
      if (!row) return;
      if (name === 'open' && !document.activeElement?.closest('a, button')) return window.lk.go('/leads/' + row.id);
      const card = this.$el.querySelector(`[data-id="${row.id}"]`);
      if (name === 'call') return card?.querySelector('a[href^="tel:"]')?.click();
      if (!this.me) return;
      if (name === 'reply') this.reply(row.id);
      else if (name === 'assign-me') this.act('assign', row.id, this.me);
      else if (name === 'assign') value ? this.act('assign', row.id, value) : this.assign(row, card);
      else if (name === 'snooze') value ? this.act('snooze', row.id, value) : this.snooze(row, card);
    },
  },
};
