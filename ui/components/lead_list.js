// The lead list: groups, clocks, selection and keys live here; the server sends rows once and then only what changed.
const ROW = matchMedia('(max-width: 820px), (hover: none)');

const icon = (name, size = '') => `<svg class="lk-i ${size}" aria-hidden="true"><use :href="icons + '#${name}'"/></svg>`;
const HEATS = ['hot', 'warm', 'cold'];

export default {
  mixins: [window.lkMarking],

  template: `
    <section class="lk-list" aria-label="Inbox">
      <header v-if="!marked.size" class="lk-bar">
        <component :is="open_id ? 'h2' : 'h1'">Inbox</component>
        <span class="lk-count" v-if="count">{{ count }} open</span>
        <span class="lk-grow"></span>
        <button ref="funnel" type="button" class="lk-btn lk-quiet lk-square" :aria-expanded="menu === 'filter' ? 'true' : 'false'" aria-haspopup="dialog" title="Filter, F" @click="toggle('filter')">${icon('list-filter')}<span class="lk-sr">Filter{{ narrowed ? ', ' + narrowed + ' on' : '' }}</span><i v-if="narrowed" class="lk-on"></i></button>
        <button v-if="me" type="button" class="lk-btn lk-quiet lk-square" title="New lead, C" @click="send('new')">${icon('plus')}<span class="lk-sr">New lead</span></button>
      </header>
      <div v-else class="lk-bar lk-marked" role="toolbar" aria-label="Selected leads">
        <component :is="open_id ? 'h2' : 'h1'"><span class="lk-num">{{ marked.size }}</span> selected</component>
        <span class="lk-grow"></span>
        <button type="button" class="lk-btn lk-small" aria-haspopup="menu" :aria-expanded="menu === 'assign' ? 'true' : 'false'" @click="toggle('assign')">Assign</button>
        <button type="button" class="lk-btn lk-small" aria-haspopup="menu" :aria-expanded="menu === 'snooze' ? 'true' : 'false'" @click="toggle('snooze')">Snooze</button>
        <button type="button" class="lk-btn lk-small" @click="act('close')">Close</button>
        <button type="button" class="lk-btn lk-quiet lk-square lk-small" title="Clear the selection, Esc" @click="unmark">${icon('x', 'lk-i14')}<span class="lk-sr">Clear the selection</span></button>
      </div>
      <div class="lk-filter">
        <div v-if="query" class="lk-found"><span class="lk-cut">{{ rows.length ? 'Found for' : 'Search for' }} “{{ query }}”</span><a class="lk-btn lk-small" href="/">Show all</a></div>
        <template v-else>
          <div class="lk-tabs" role="group" aria-label="Show">
            <button v-for="[key, label] in filters" :key="key" type="button" :aria-pressed="filter === key ? 'true' : 'false'" @click="choose_tab(key)">{{ label }}</button>
          </div>
          <span>Soonest due</span>
        </template>
      </div>
      <div v-if="menu === 'filter'" ref="menu" class="lk-pop" role="dialog" aria-label="Filter" @keydown.esc.stop="toggle('')">
        <fieldset><legend>Quality</legend><label v-for="heat in heats" :key="heat"><input type="checkbox" :checked="only.qualities.includes(heat)" @change="flip('qualities', heat)"> {{ heat[0].toUpperCase() + heat.slice(1) }}</label></fieldset>
        <fieldset v-if="places.length > 1"><legend>Location</legend><label v-for="place in places" :key="place"><input type="checkbox" :checked="only.locations.includes(place)" @change="flip('locations', place)"> {{ place }}</label></fieldset>
        <fieldset><legend>Attention</legend><label><input type="checkbox" :checked="only.unread" @change="narrow({ ...only, unread: !only.unread })"> Unread only</label></fieldset>
        <button type="button" class="lk-btn lk-small" :disabled="!narrowed" @click="clear_filter">Clear filters</button>
      </div>
      <div v-else-if="menu" ref="menu" class="lk-pop" role="menu" :aria-label="menu === 'assign' ? 'Assign to' : 'Snooze until'" @keydown.esc.stop="toggle('')" @keydown.down.prevent="roam(1)" @keydown.up.prevent="roam(-1)">
        <button v-for="each in choices" :key="each.value" type="button" role="menuitem" class="lk-choice" @click="act(menu, each.value)">{{ each.name }}<span class="lk-hint">{{ each.hint }}</span></button>
      </div>
      <q-virtual-scroll v-if="items.length" ref="scroll" class="lk-scroll" role="group" aria-label="Leads" tabindex="0"
        :items="items" :virtual-scroll-item-size="size" :virtual-scroll-slice-size="14" :virtual-scroll-slice-ratio-before=".7" :virtual-scroll-slice-ratio-after=".7"
        @virtual-scroll="scrolled">
        <template #default="{ item }">
          <button v-if="item.fold" :key="item.head" type="button" class="lk-group" :aria-expanded="closedOpen ? 'true' : 'false'" @click="closedOpen = !closedOpen">
            {{ item.head }} <span class="lk-num">{{ item.count }}</span><svg class="lk-i lk-i14" aria-hidden="true"><use :href="icons + '#chevron-right'"/></svg>
          </button>
          <h2 v-else-if="item.head" :key="item.head" class="lk-group">{{ item.head }} <span class="lk-num">{{ item.count }}</span></h2>
          <div v-else-if="item.bone" :key="item.bone" class="lk-bone" aria-hidden="true"><i></i><i></i><i></i></div>
          <a v-else :key="item.id" class="lk-lead" :class="{ 'lk-unread': item.unread, 'lk-picked': marked.has(item.id), 'lk-cursor': item.id === selected }" :href="'/leads/' + item.id" :data-id="item.id"
            :aria-current="item.id === open_id ? 'true' : null" @click="clicked($event, item)" @focus="selected = item.id">
            <span v-if="marked.size" class="lk-box" :data-on="marked.has(item.id) ? '' : null">${icon('check', 'lk-i12')}<span class="lk-sr">{{ marked.has(item.id) ? 'Selected' : 'Not selected' }}</span></span>
            <span class="lk-dot" v-else-if="item.unread"><span class="lk-sr">Unread</span></span>
            <span class="lk-l1">
              <span class="lk-name lk-cut">{{ item.name }}</span>
              <span class="lk-heat" :data-q="item.quality"><i></i><i></i><i></i><span class="lk-sr">{{ item.quality }}</span></span>
              <span v-if="item.group === 'needs_reply' && item.due !== null" class="lk-sla" :data-due="item.due" :data-span="item.span">
                <span class="lk-ring" aria-hidden="true"></span><span data-clock></span></span>
              <span v-else-if="item.group === 'snoozed' && item.until" class="lk-time" :title="full(item.until)">until {{ when(item.until) }}</span>
              <span v-else class="lk-time" :title="full(item.at)">{{ when(item.at) }}</span>
            </span>
            <span class="lk-l2 lk-cut">{{ item.message }}</span>
            <span class="lk-l3">
              <svg class="lk-i lk-i12" aria-hidden="true"><use :href="icons + '#' + item.icon"/></svg>
              <span class="lk-cut lk-grow">{{ item.source }} · {{ item.location }}</span>
              <span class="lk-pips" role="img" :aria-label="told(item)" :title="told(item)"><i v-for="pip in item.pips" :key="pip.name" class="lk-pip" :data-m="pip.mark"></i></span>
              <span v-if="item.owner" class="lk-av" :data-av="item.tint" :title="item.owner"><span aria-hidden="true">{{ item.initials }}</span><span class="lk-sr">Owner {{ item.owner }}</span></span>
              <span v-else class="lk-av lk-none" title="Nobody yet"><span class="lk-sr">No owner</span></span>
            </span>
          </a>
        </template>
      </q-virtual-scroll>
      <div v-else-if="reading" class="lk-bones" aria-hidden="true"><div v-for="n in 5" :key="n" class="lk-bone"><i></i><i></i><i></i></div></div>
      <div v-else class="lk-state">
        <span class="lk-glyph"><svg class="lk-i" aria-hidden="true"><use :href="icons + '#' + nothing.icon"/></svg></span>
        <h2>{{ nothing.head }}</h2>
        <p>{{ nothing.text }}</p>
        <button v-if="nothing.clear" type="button" class="lk-btn" @click="clear_filter">{{ nothing.clear }}</button>
        <a v-if="nothing.all" class="lk-btn" href="/">Show all</a>
      </div>
      <div class="lk-sr" role="status" aria-live="polite">{{ said }}</div>
    </section>`,

  props: { initial: String, me: String, people: Array, current: String, open: Number, more: Boolean, query0: String, clock: Number, icons: String },

  data() {
    return {
      rows: Object.freeze(window.lkRows.unpack(this.initial).map(Object.freeze)),
      count: this.open,
      rest: this.more, // further pages wait on the server
      asked: false,
      reading: false,
      query: this.query0 || '',
      filter: sessionStorage.getItem('lk.filter') || 'all',
      filters: [['all', 'All'], ['mine', 'Mine'], ['unassigned', 'Unassigned']],
      only: window.lkRows.NOTHING,
      heats: HEATS,
      open_id: this.current || null,
      selected: this.current || sessionStorage.getItem('lk.selected'),
      closedOpen: false,
      size: ROW.matches ? 94 : 76,
      said: '',
      minute: 0, // times of day are drawn anew when the day may have changed
    };
  },

  computed: {
    shown() {
      return window.lkRows.shown(this.rows, this.filter, this.me, this.only);
    },
    narrowed() {
      return this.only.qualities.length + this.only.locations.length + (this.only.unread ? 1 : 0);
    },
    places() {
      return [...new Set([...this.rows.map((row) => row.location), ...this.only.locations])].sort();
    },
    leads() {
      return this.items.filter((item) => item.id);
    },
    nothing() {
      return window.lkRows.nothing(this.query, this.filter, this.narrowed);
    },
    items() {
      return Object.freeze(window.lkRows.items(this.shown, { query: this.query, rest: this.rest, unfolded: this.closedOpen }));
    },
  },

  watch: {
    count: {
      immediate: true,
      flush: 'post',
      handler(open) {
        this.$nextTick(() => window.dispatchEvent(new CustomEvent('lk:open', { detail: { open, any: this.rows.length > 0 || open > 0 || Boolean(this.query) } })));
      },
    },
    selected(id) {
      if (id) sessionStorage.setItem('lk.selected', id);
    },
  },

  created() {
    this.when = (ms) => (this.minute, window.lk.when(ms));
    this.full = window.lk.full;
  },

  mounted() {
    window.lk.sync(this.clock);
    window.addEventListener('lk:key', this.key);
    window.addEventListener('lk:step', this.step);
    ROW.addEventListener('change', this.resize);
    this.timer = setInterval(this.beat, 1000);
    if (this.filter !== 'all' && !this.query) this.tell_filter();
    this.$nextTick(() => this.bring(this.selected));
  },
  // A row that moves up or down in the page loses the focus: whoever works by keyboard would have to begin again.
  beforeUpdate() {
    this.held = this.$el.contains?.(document.activeElement) ? document.activeElement.dataset.id : null;
  },
  updated() {
    if (this.held && document.activeElement === document.body) this.$el.querySelector(`[data-id="${this.held}"]`)?.focus({ preventScroll: true });
  },
  unmounted() {
    window.removeEventListener('lk:key', this.key);
    window.removeEventListener('lk:step', this.step);
    ROW.removeEventListener('change', this.resize);
    clearInterval(this.timer);
  },

  methods: {
    // called by the server
    patch(rows, gone, open, all) {
      const known = new Map(this.rows.map((row) => [row.id, row]));
      for (const id of gone) known.delete(id);
      for (const row of rows) {
        if (row.group === 'merged') {
          known.delete(row.id);
          continue;
        }
        if (!all && !known.has(row.id)) continue; // a search shows what it found
        if (row.group === 'needs_reply' && !known.has(row.id)) this.said = `New lead: ${row.name}`;
        known.set(row.id, Object.freeze(row));
      }
      this.rows = Object.freeze([...known.values()]);
      if (open !== null) this.count = open;
      if (this.marked.size) this.marked = new Set([...this.marked].filter((id) => known.has(id)));
    },
    resync(rows, open, more, query, clock) {
      this.rows = Object.freeze(rows.map(Object.freeze));
      [this.count, this.rest, this.asked, this.reading, this.query] = [open, more, false, false, query];
      window.lk.sync(clock, true);
    },
    append(rows, more) {
      const known = new Set(this.rows.map((row) => row.id));
      this.rows = Object.freeze([...this.rows, ...rows.filter((row) => !known.has(row.id)).map(Object.freeze)]);
      [this.rest, this.asked] = [more, false];
    },
    choose(id) {
      this.open_id = id;
      if (id) this.selected = id;
      this.$nextTick(() => this.bring(id));
    },

    // filters
    choose_tab(key) {
      this.filter = key;
      sessionStorage.setItem('lk.filter', key);
      this.tell_filter();
    },
    flip(name, value) {
      const had = this.only[name];
      this.narrow({ ...this.only, [name]: had.includes(value) ? had.filter((each) => each !== value) : [...had, value] });
    },
    narrow(only) {
      this.only = only;
      this.tell_filter();
    },
    clear_filter() {
      this.only = window.lkRows.NOTHING;
      this.choose_tab('all');
    },
    // What is here already is shown at once; the server sends the rows that are not in the browser yet.
    tell_filter() {
      this.reading = !this.shown.length && this.rest;
      const owner = { mine: this.me, unassigned: 'nobody' }[this.filter] || '';
      this.$emit('narrow', { owner, ...this.only });
    },

    // done here
    told: (row) => (row.pips.length ? row.pips.map((pip) => `${pip.name}: ${pip.word}`).join(', ') : 'No destination'),
    resize() {
      this.size = ROW.matches ? 94 : 76;
      this.$refs.scroll?.reset();
    },
    beat() {
      const now = window.lk.now();
      this.minute = Math.floor(now / 60000);
      const late = this.rows.find((row) => row.group === 'needs_reply' && row.due !== null && row.due * 1000 <= now && row.due * 1000 > (this.beaten || now));
      if (late) this.said = `${late.name} is past the reply time`;
      this.beaten = now;
    },
    scrolled({ to }) {
      if (!this.rest || this.asked || this.query || to < this.items.length - 12) return;
      this.asked = true;
      this.$emit('more', this.rows.length);
    },
    bring(id) {
      const at = this.items.findIndex((item) => item.id === id);
      const row = this.$el.querySelector?.(`[data-id="${id}"]`);
      const box = this.$refs.scroll?.$el.getBoundingClientRect();
      const seen = row?.getBoundingClientRect();
      if (at < 0 || (seen && seen.top >= box.top && seen.bottom <= box.bottom)) return;
      this.$refs.scroll?.scrollTo(at, 'center-force');
    },
    // At once where the row is drawn: Enter may follow in the same breath and has to open this one.
    select(id) {
      this.selected = id;
      const focus = () => {
        const row = this.$el.querySelector(`[data-id="${id}"]`);
        row?.focus({ preventScroll: true });
        return row;
      };
      const drawn = focus();
      this.bring(id);
      if (!drawn) this.$nextTick(() => requestAnimationFrame(focus));
    },
    move(by) {
      const ids = this.leads.map((item) => item.id);
      const at = ids.indexOf(this.selected);
      const id = ids[at < 0 ? 0 : Math.min(ids.length - 1, Math.max(0, at + by))];
      if (id) this.select(id);
      return id;
    },
    step(event) {
      const ids = this.leads.map((item) => item.id);
      const id = ids[ids.indexOf(this.open_id) + event.detail];
      if (id) window.lk.go('/leads/' + id);
    },
    key(event) {
      const { name } = event.detail;
      const here = !this.open_id || this.marked.size;
      if (name === 'next') this.move(1);
      else if (name === 'previous') this.move(-1);
      else if (name === 'open' && !document.activeElement?.closest('a, button') && this.selected) window.lk.go('/leads/' + this.selected);
      else if ((name === 'select' || name === 'extend') && this.selected) this.mark(this.selected, name === 'extend');
      else if (name === 'filter') this.toggle('filter');
      else if (name === 'back' && this.marked.size) this.unmark();
      else if (name === 'prev-lead' || name === 'next-lead') this.step({ detail: name === 'next-lead' ? 1 : -1 });
      else if (!here) return; // the open lead does the rest itself
      else if (name === 'assign') this.chosen().length && this.toggle('assign');
      else if (name === 'assign-me') this.act('assign', this.me);
      else if (name === 'snooze') this.chosen().length && this.toggle('snooze');
      else if (name === 'close') this.act('close');
    },
  },
};
