// The lead list: groups, clocks, selection and keys live here; the server sends rows once and then only what changed.
const GROUPS = [
  ['needs_reply', 'Needs a first reply'],
  ['in_conversation', 'In conversation'],
  ['snoozed', 'Snoozed'],
  ['closed', 'Closed'],
];
const ORDER = {
  needs_reply: (a, b) => (a.due ?? Infinity) - (b.due ?? Infinity) || b.at - a.at,
  other: (a, b) => b.at - a.at,
};
const ROW = matchMedia('(max-width: 820px), (hover: none)');

export default {
  template: `
    <section class="lk-list" aria-label="Inbox">
      <header class="lk-bar">
        <h1>Inbox</h1>
        <span class="lk-count" v-if="count">{{ count }} open</span>
        <span class="lk-grow"></span>
        <slot></slot>
      </header>
      <div class="lk-filter">
        <div class="lk-tabs" role="group" aria-label="Show">
          <button v-for="[key, label] in filters" :key="key" type="button" :aria-pressed="filter === key ? 'true' : 'false'" @click="choose(key)">{{ label }}</button>
        </div>
        <span>Soonest due</span>
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
          <a v-else :key="item.id" class="lk-lead" :class="{ 'lk-unread': item.unread }" :href="'/leads/' + item.id" :data-id="item.id"
            :aria-current="item.id === selected ? 'true' : null" @click="selected = item.id" @focus="selected = item.id">
            <span class="lk-dot" v-if="item.unread"><span class="lk-sr">Unread</span></span>
            <span class="lk-l1">
              <span class="lk-name lk-cut">{{ item.name }}</span>
              <span class="lk-heat" :data-q="item.quality"><i></i><i></i><i></i><span class="lk-sr">{{ item.quality }}</span></span>
              <span v-if="item.group === 'needs_reply' && item.due !== null" class="lk-sla" :data-due="item.due" :data-span="item.span">
                <span class="lk-ring" aria-hidden="true"></span><span data-clock></span></span>
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
      <div v-else class="lk-state">
        <span class="lk-glyph"><svg class="lk-i" aria-hidden="true"><use :href="icons + (rows.length ? '#list-filter' : '#inbox')"/></svg></span>
        <template v-if="rows.length">
          <h2>{{ filter === 'mine' ? 'Nothing is assigned to you' : 'Every lead has an owner' }}</h2>
          <p>One filter is on.</p>
          <button type="button" class="lk-btn" @click="choose('all')">Show all</button>
        </template>
        <template v-else>
          <h2>No leads yet</h2>
          <p>New leads show up here the moment they are stored.</p>
        </template>
      </div>
      <div class="lk-sr" role="status" aria-live="polite">{{ said }}</div>
    </section>`,

  props: { initial: String, me: String, current: String, open: Number, more: Boolean, clock: Number, icons: String },

  data() {
    return {
      rows: Object.freeze(JSON.parse(this.initial || '[]').map(Object.freeze)),
      count: this.open,
      rest: this.more, // further pages wait on the server
      asked: false,
      filter: sessionStorage.getItem('lk.filter') || 'all',
      filters: [['all', 'All'], ['mine', 'Mine'], ['unassigned', 'Unassigned']],
      selected: this.current || sessionStorage.getItem('lk.selected'),
      closedOpen: false,
      size: ROW.matches ? 94 : 76,
      said: '',
      minute: 0, // times of day are drawn anew when the day may have changed
    };
  },

  computed: {
    shown() {
      if (this.filter === 'mine') return this.rows.filter((row) => row.ownerId === this.me);
      if (this.filter === 'unassigned') return this.rows.filter((row) => !row.ownerId);
      return this.rows;
    },
    items() {
      const out = [];
      for (const [group, head] of GROUPS) {
        const rows = this.shown.filter((row) => row.group === group).sort(ORDER[group] || ORDER.other);
        if (!rows.length) continue;
        const fold = group === 'closed';
        out.push({ head, fold, count: rows.length + (this.rest ? '+' : '') });
        if (!fold || this.closedOpen) out.push(...rows);
      }
      if (this.rest && out.length) out.push({ bone: 'bone-1' }, { bone: 'bone-2' });
      return Object.freeze(out);
    },
  },

  watch: {
    count: {
      immediate: true,
      flush: 'post',
      handler(open) {
        this.$nextTick(() => window.dispatchEvent(new CustomEvent('lk:open', { detail: { open, any: this.rows.length > 0 } })));
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
    document.addEventListener('keydown', this.key);
    ROW.addEventListener('change', this.resize);
    this.timer = setInterval(this.beat, 1000);
    this.$nextTick(() => {
      const at = this.items.findIndex((item) => item.id === this.selected);
      if (at > 4) this.$refs.scroll?.scrollTo(at, 'center-force');
    });
  },
  unmounted() {
    document.removeEventListener('keydown', this.key);
    ROW.removeEventListener('change', this.resize);
    clearInterval(this.timer);
  },

  methods: {
    // called by the server
    patch(rows, gone, open) {
      const known = new Map(this.rows.map((row) => [row.id, row]));
      for (const id of gone) known.delete(id);
      for (const row of rows) {
        if (row.group === 'needs_reply' && !known.has(row.id)) this.said = `New lead: ${row.name}`;
        known.set(row.id, Object.freeze(row));
      }
      this.rows = Object.freeze([...known.values()]);
      if (open !== null) this.count = open;
    },
    resync(rows, open, more, clock) {
      this.rows = Object.freeze(rows.map(Object.freeze));
      [this.count, this.rest, this.asked] = [open, more, false];
      window.lk.sync(clock, true);
    },
    append(rows, more) {
      const known = new Set(this.rows.map((row) => row.id));
      this.rows = Object.freeze([...this.rows, ...rows.filter((row) => !known.has(row.id)).map(Object.freeze)]);
      [this.rest, this.asked] = [more, false];
    },

    // done here
    told: (row) => (row.pips.length ? row.pips.map((pip) => `${pip.name}: ${pip.word}`).join(', ') : 'No destination'),
    choose(key) {
      this.filter = key;
      sessionStorage.setItem('lk.filter', key);
    },
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
      if (!this.rest || this.asked || to < this.items.length - 12) return;
      this.asked = true;
      this.$emit('more', this.rows.length);
    },
    key(event) {
      const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
      if (window.lk.busy(event) || (!step && event.key !== 'Enter')) return;
      const arrows = event.key.startsWith('Arrow');
      const inside = this.$el.contains(event.target);
      if (arrows && !inside && event.target !== document.body) return;
      if (event.key === 'Enter') {
        if (event.target === document.body && this.selected && this.selected !== this.current) location.assign(`/leads/${this.selected}`);
        return;
      }
      event.preventDefault();
      this.move(step);
    },
    move(step) {
      const rows = this.items.map((item, index) => ({ id: item.id, index })).filter((item) => item.id);
      if (!rows.length) return;
      const at = rows.findIndex((row) => row.id === this.selected);
      const next = rows[Math.min(rows.length - 1, Math.max(0, at === -1 ? 0 : at + step))];
      this.selected = next.id;
      const focus = () => {
        const el = this.$el.querySelector(`[data-id="${next.id}"]`);
        el?.focus({ preventScroll: true });
        el?.scrollIntoView({ block: 'nearest' });
        return el;
      };
      if (!focus()) {
        this.$refs.scroll?.scrollTo(next.index, 'center');
        this.$nextTick(() => requestAnimationFrame(focus));
      }
    },
  },
};
