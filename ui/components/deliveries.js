// The deliveries table: selection, keys and scrolling live here; the server sends rows once and then only what changed.
const icon = (name, more = 'lk-i14') => `<svg class="lk-i ${more}" aria-hidden="true"><use :href="icons + '#${name}'"/></svg>`;
const NARROW = matchMedia('(max-width: 820px)');
const TOUCH = matchMedia('(max-width: 820px), (hover: none)');
const ASK_FROM = 50; // more than these are replayed only after a question
const RANGES = [['', 'Last 24 hours'], ['7d', 'Last 7 days'], ['30d', 'Last 30 days']];
const TABS = [['', 'All'], ['attention', 'Needs attention'], ['dead', 'Dead letters']];
const EMPTY = {
  '': ['Nothing was sent in this time', 'Deliveries show up here as soon as a lead comes in and a destination hears of it.'],
  attention: ['Nothing needs attention', 'Every delivery arrived or is on its way.'],
  dead: ['No dead letters', 'Every delivery arrived or is on its way.'],
  held: ['Nothing to decide', 'No delivery is in doubt.'],
  other: ['Nothing here', 'No delivery is in this state right now.'],
};

export default {
  template: `
    <section class="lk-deliv" :data-show="open ? 'one' : 'all'" aria-label="Deliveries">
      <header class="lk-bar">
        <h1>Deliveries</h1>
        <span class="lk-grow"></span>
        <label class="lk-pick">${icon('funnel')}<span class="lk-sr">Destination</span>
          <select :value="asked.destination" @change="go({ destination: $event.target.value })"><option value="">All destinations</option><option v-for="place in places" :key="place.id" :value="place.id">{{ place.name }}</option></select></label>
        <label class="lk-pick"><span class="lk-sr">Time</span>
          <select :value="asked.range" title="What is under way or needs somebody is shown whatever its age" @change="go({ range: $event.target.value })"><option v-for="[key, name] in ranges" :key="key" :value="key">{{ name }}</option></select></label>
      </header>
      <ul v-if="troubles.length" class="lk-troubles" aria-label="Destinations that send nothing">
        <li v-for="each in troubles" :key="each.id">
          <svg class="lk-i" aria-hidden="true"><use :href="icons + (each.paused ? '#circle-pause' : '#clock')"/></svg>
          <p class="lk-grow"><b>{{ each.name }} {{ each.paused ? 'is paused' : 'rests until ' + hms(each.until) }}.</b> {{ each.why }} <span class="lk-hide-s">What is for it is kept.</span></p>
          <button v-if="each.paused && resume" type="button" class="lk-btn" @click="$emit('place', { what: 'resume', id: each.id })">Resume</button>
          <button v-if="!each.paused && replay" type="button" class="lk-btn" @click="$emit('place', { what: 'try', id: each.id })">Try now</button>
        </li>
      </ul>
      <div class="lk-counters" role="group" aria-label="Counters">
        <template v-for="each in counters" :key="each.name">
          <a v-if="each.key" class="lk-counter" :href="path({ state: asked.state === each.key ? '' : each.key })" :aria-current="asked.state === each.key ? 'true' : null"><span>{{ each.name }}</span><b class="lk-num" :data-tone="each.tone">{{ each.text }}</b></a>
          <div v-else class="lk-counter"><span>{{ each.name }}</span><b class="lk-num">{{ each.text }}</b></div>
        </template>
      </div>
      <div class="lk-deliv-cols">
        <div class="lk-deliv-list">
          <div class="lk-filter">
            <nav class="lk-tabs" aria-label="Show"><a v-for="[key, name] in tabs" :key="key" :href="path({ state: key })" :aria-current="asked.state === key ? 'true' : null">{{ name }}</a></nav>
            <button v-if="replay && dead" type="button" class="lk-btn lk-small" @click="askDead">Replay all dead since…</button>
            <span class="lk-live">Updates live <i class="lk-pip" data-m="done"></i></span>
          </div>
          <div v-if="rows.length" class="lk-drow lk-dhead" aria-hidden="true"><span class="lk-check"></span><span class="lk-dcells"><span>State</span><span>Event</span><span>Lead</span><span>Destination</span><span>Tries</span><span>Detail</span><span>Time</span></span></div>
          <q-virtual-scroll v-if="rows.length" ref="scroll" class="lk-scroll" role="group" aria-label="Deliveries, newest first" tabindex="0"
            :items="items" :virtual-scroll-item-size="size" :virtual-scroll-slice-size="30" @virtual-scroll="scrolled">
            <template #default="{ item }">
              <div v-if="item.bone" :key="item.bone" class="lk-drow lk-dbone" aria-hidden="true"><i></i></div>
              <div v-else :key="item.id" class="lk-drow" :class="{ 'lk-dnow': item.id === at, 'lk-dchosen': chosen.has(item.id) }" :data-id="item.id">
                <label v-if="replay" class="lk-check"><input type="checkbox" tabindex="-1" :checked="chosen.has(item.id)" @click="pickBox($event, item.id)" @keydown.enter.prevent /><span class="lk-sr">Select {{ item.name }}, {{ item.lead }}</span></label><span v-else class="lk-check"></span>
                <button type="button" class="lk-dcells" :aria-current="item.id === at ? 'true' : null" @click="show(item.id)">
                  <span class="lk-dstate"><span class="lk-chip" :data-tone="item.tone">{{ item.word }}</span></span>
                  <span class="lk-devent lk-mono lk-cut">{{ item.event }}</span>
                  <span class="lk-dlead lk-cut">{{ item.lead }}</span>
                  <span class="lk-dplace lk-cut"><svg class="lk-i lk-i14" aria-hidden="true"><use :href="icons + '#' + item.icon"/></svg><span class="lk-cut">{{ item.name }}</span></span>
                  <span class="lk-dtries lk-num"><span class="lk-sr">tries </span>{{ item.tries }}</span>
                  <span class="lk-dwhy lk-cut" :title="item.detail">{{ why(item) }}</span>
                  <span class="lk-dtime lk-num" :title="full(item.at)">{{ time(item.at) }}</span>
                </button>
              </div>
            </template>
          </q-virtual-scroll>
          <div v-else class="lk-state">
            <span class="lk-glyph"><svg class="lk-i" aria-hidden="true"><use :href="icons + '#send'"/></svg></span>
            <h2>{{ empty[0] }}</h2><p>{{ empty[1] }}</p>
            <a v-if="asked.state || asked.destination" class="lk-btn" href="/deliveries">Show all</a>
          </div>
        </div>
        <slot></slot>
      </div>
      <div v-if="chosen.size" class="lk-float" role="toolbar" aria-label="Chosen deliveries">
        <b class="lk-num">{{ chosen.size }}<span class="lk-hide-s"> selected</span></b>
        <button type="button" class="lk-btn lk-primary" :disabled="busy" @click="act('replay')">${icon('rotate-ccw')}Replay</button>
        <button type="button" class="lk-btn" :disabled="busy" @click="act('sandbox')">Send to sandbox</button>
        <button v-if="canEnd" type="button" class="lk-btn lk-quiet" :disabled="busy" title="Not sent again, in your name" @click="act('resolve')">Resolve</button>
        <button type="button" class="lk-btn lk-quiet lk-square" title="Select none" @click="chosen = new Set()">${icon('x')}<span class="lk-sr">Select none</span></button>
      </div>
      <div class="lk-sr" role="status" aria-live="polite">{{ told }}</div>
    </section>`,

  props: { initial: String, clock: Number, replay: Boolean, resume: Boolean, icons: String },

  data() {
    const first = JSON.parse(this.initial || '{"rows":[],"asked":{},"places":[],"counters":[],"troubles":[]}');
    return {
      rows: Object.freeze(first.rows.map(Object.freeze)),
      rest: first.more, // further pages wait on the server
      waiting: false,
      asked: first.asked,
      places: first.places,
      counters: first.counters,
      troubles: first.troubles,
      ranges: RANGES,
      tabs: TABS,
      at: null, // the row the pane shows
      open: false, // on phones: the pane instead of the table
      chosen: new Set(),
      anchor: null, // where Shift extends from
      busy: false,
      size: TOUCH.matches ? 64 : 37,
      second: 0,
      told: '',
    };
  },

  computed: {
    items() {
      return this.rest ? Object.freeze([...this.rows, { bone: 'bone-1' }, { bone: 'bone-2' }]) : this.rows;
    },
    dead() {
      return this.counters.some((each) => each.key === 'dead' && each.text !== '0');
    },
    canEnd() {
      return this.rows.some((row) => row.end && this.chosen.has(row.id));
    },
    empty() {
      if (this.asked.destination && !this.asked.state) return EMPTY.other;
      return EMPTY[this.asked.state] || EMPTY.other;
    },
  },

  created() {
    const { full, hms } = window.lk;
    Object.assign(this, { full, hms });
    this.time = (ms) => (this.second, window.lk.day(ms) === 'Today' ? hms(ms) : window.lk.when(ms));
  },
  mounted() {
    window.lk.sync(this.clock);
    window.addEventListener('lk:key', this.key);
    window.addEventListener('lk:delivery-close', this.close);
    TOUCH.addEventListener('change', this.resize);
    this.timer = setInterval(() => (this.second = Math.floor(window.lk.now() / 1000)), 1000);
  },
  unmounted() {
    window.removeEventListener('lk:key', this.key);
    window.removeEventListener('lk:delivery-close', this.close);
    TOUCH.removeEventListener('change', this.resize);
    clearInterval(this.timer);
    clearTimeout(this.soon);
  },

  methods: {
    // called by the server
    start(first, clock) {
      this.rows = Object.freeze(first.rows.map(Object.freeze));
      [this.rest, this.waiting, this.asked, this.places] = [first.more, false, first.asked, first.places];
      [this.counters, this.troubles] = [first.counters, first.troubles];
      this.chosen = new Set();
      window.lk.sync(clock, true);
      this.$refs.scroll?.scrollTo(0);
    },
    patch(rows, gone, rest) {
      const known = new Map(this.rows.map((row) => [row.id, row]));
      for (const id of gone) known.delete(id);
      for (const row of rows) {
        const before = known.get(row.id);
        if (before && before.word !== row.word && (row.tone === 'red' || before.tone === 'red')) this.told = `${row.name}, ${row.lead}: ${row.word}`;
        known.set(row.id, Object.freeze(row));
      }
      this.rows = Object.freeze([...known.values()].sort((a, b) => (a.id < b.id ? 1 : -1)));
      if (gone.length) this.chosen = new Set([...this.chosen].filter((id) => known.has(id)));
      Object.assign(this, rest);
    },
    append(rows, more) {
      const known = new Set(this.rows.map((row) => row.id));
      this.rows = Object.freeze([...this.rows, ...rows.filter((row) => !known.has(row.id)).map(Object.freeze)]);
      [this.rest, this.waiting] = [more, false];
    },
    acted(done) {
      this.busy = false;
      if (done) this.chosen = new Set();
      window.dispatchEvent(new CustomEvent('lk:delivery-acted'));
    },

    // done here
    path(change) {
      const query = new URLSearchParams(Object.entries({ ...this.asked, ...change }).filter(([, text]) => text));
      return `/deliveries${query.size ? `?${query}` : ''}`;
    },
    go(change) {
      window.lk.go(this.path(change));
    },
    why(row) {
      if (!row.next) return row.detail;
      const left = Math.round((row.next - window.lk.now()) / 1000);
      return `${left > 0 ? `Next try in ${window.lk.clock(left)}` : 'Next try now'}${row.detail ? `: ${row.detail}` : ''}`;
    },
    resize() {
      this.size = TOUCH.matches ? 64 : 37;
      this.$refs.scroll?.reset();
    },
    scrolled({ to }) {
      if (!this.rest || this.waiting || to < this.items.length - 20) return;
      this.waiting = true;
      this.$emit('more', this.rows.at(-1).id);
    },
    show(id, later) {
      this.at = id;
      if (!later) this.open = true;
      const row = this.rows.find((each) => each.id === id);
      window.dispatchEvent(new CustomEvent('lk:delivery', { detail: { row, focus: !later && NARROW.matches } }));
      clearTimeout(this.soon); // who runs through the list is told of the row where he stops
      this.soon = setTimeout(() => this.$emit('pick', id), later ? 120 : 0);
    },
    close() {
      this.open = false;
      this.$nextTick(() => this.$el.querySelector(`[data-id="${this.at}"] button`)?.focus());
    },
    pickBox(event, id) {
      this.choose(id, event.shiftKey);
      this.$nextTick(() => (event.target.checked = this.chosen.has(id))); // the box shows what is chosen, whatever the browser made of the click
    },
    choose(id, extend) {
      const chosen = new Set(this.chosen);
      if (extend) {
        const [from, to] = [this.anchor ?? this.at ?? id, id].map((each) => this.rows.findIndex((row) => row.id === each)).sort((a, b) => a - b);
        for (const row of this.rows.slice(Math.max(0, from), to + 1)) chosen.add(row.id);
      } else if (!chosen.delete(id)) chosen.add(id);
      [this.chosen, this.anchor] = [chosen, id];
    },
    act(what) {
      const ids = [...this.chosen];
      if (what === 'replay' && ids.length > ASK_FROM) {
        window.dispatchEvent(new CustomEvent('lk:replay', { detail: { ids } }));
        return;
      }
      this.busy = true;
      this.$emit('act', { what, ids });
    },
    askDead() {
      const place = this.places.find((each) => each.id === this.asked.destination);
      window.dispatchEvent(new CustomEvent('lk:replay', { detail: { places: this.places, destination: place ? place.name : '' } }));
    },
    key(event) {
      const { name } = event.detail;
      if (name === 'next' || name === 'previous') this.move(name === 'next' ? 1 : -1);
      else if ((name === 'select' || name === 'extend') && this.at && this.replay) this.choose(this.at, name === 'extend');
      else if (name === 'retry' && this.replay && (this.chosen.size || this.at)) {
        if (!this.chosen.size) this.chosen = new Set([this.at]);
        this.act('replay');
      } else if (name === 'back' && (this.chosen.size || this.open)) {
        if (this.open && NARROW.matches) this.close();
        else this.chosen = new Set();
      }
    },
    move(step) {
      if (!this.rows.length) return;
      const at = this.rows.findIndex((row) => row.id === this.at);
      const next = Math.min(this.rows.length - 1, Math.max(0, at === -1 ? 0 : at + step));
      const { id } = this.rows[next];
      this.show(id, true);
      const focus = () => {
        const el = this.$el.querySelector(`[data-id="${id}"] button`);
        el?.focus({ preventScroll: true });
        el?.scrollIntoView({ block: 'nearest' });
        return el;
      };
      if (!focus()) {
        this.$refs.scroll?.scrollTo(next, 'center');
        this.$nextTick(() => requestAnimationFrame(focus));
      }
    },
  },
};
