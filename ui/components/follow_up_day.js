// One day as hours from top to bottom, or a week of them beside each other: where each follow-up stands, and a line that is now.
const icon = (name, more = 'lk-i14') => `<svg class="lk-i ${more}" aria-hidden="true"><use :href="icons + '#${name}'"/></svg>`;
const HOUR = 66; // px
const NARROW = matchMedia('(max-width: 820px)');
const LASTS = 30; // minutes a follow-up takes up here: it has a moment, not a length
const [FIRST, LAST] = [8, 18]; // hours that are always shown

const locale = document.documentElement.lang || navigator.language;
const weekday = new Intl.DateTimeFormat(locale, { weekday: 'short' });
const longDay = new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long' });
const dayMonth = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long' });

// Midnight of the day so many days later, also where a day has 23 hours.
export const plus = (ms, days) => new Date(new Date(ms).getFullYear(), new Date(ms).getMonth(), new Date(ms).getDate() + days).getTime();
export const monday = (ms) => plus(ms, -((new Date(ms).getDay() + 6) % 7));
const minutes = (ms) => new Date(ms).getHours() * 60 + new Date(ms).getMinutes();

// Side by side where they would stand on each other: each of a cluster gets a lane.
export function lanes(rows) {
  const placed = [];
  let cluster = [];
  let end = -1;
  const flush = () => {
    const wide = Math.max(1, ...cluster.map((each) => each.lane + 1));
    for (const each of cluster) each.of = wide;
    cluster = [];
  };
  for (const row of [...rows].sort((a, b) => a.due - b.due || (a.id < b.id ? -1 : 1))) {
    const from = Math.min(minutes(row.due), 24 * 60 - LASTS);
    if (from >= end) flush();
    const taken = new Set(cluster.filter((each) => each.from + LASTS > from).map((each) => each.lane));
    let lane = 0;
    while (taken.has(lane)) lane += 1;
    const each = { row, from, lane, of: 1 };
    cluster.push(each);
    placed.push(each);
    end = Math.max(end, from + LASTS);
  }
  flush();
  return placed;
}

export default {
  template: `
    <section class="lk-fu-day" :data-week="week ? '' : null" :aria-label="title">
      <header><h2>{{ title }}</h2><span class="lk-grow"></span>
        <button type="button" class="lk-btn lk-quiet lk-square" :title="week ? 'Week before' : 'Day before'" @click="$emit('shift', -1)">${icon('chevron-left', '')}<span class="lk-sr">{{ week ? 'Week before' : 'Day before' }}</span></button>
        <button type="button" class="lk-btn lk-quiet" :disabled="has(now)" @click="$emit('shift', 0)">Today</button>
        <button type="button" class="lk-btn lk-quiet lk-square" :title="week ? 'Week after' : 'Day after'" @click="$emit('shift', 1)">${icon('chevron-right', '')}<span class="lk-sr">{{ week ? 'Week after' : 'Day after' }}</span></button>
      </header>
      <div v-if="week && narrow" ref="scroll" class="lk-fu-stack" tabindex="0" role="region" :aria-label="'Days of ' + title">
        <template v-for="each in days" :key="each.at">
          <h3 class="lk-group">{{ each.full }}</h3>
          <p v-if="!each.placed.length" class="lk-hint">Nothing</p>
          <button v-for="one in each.placed" :key="one.row.id" type="button" class="lk-fu-line" :data-tone="tone(one.row)" :data-id="one.row.id" :aria-current="one.row.id === at ? 'true' : null" @click="$emit('pick', one.row.id, $event.currentTarget, $event.detail)"><time class="lk-num">{{ hm(one.row.due) }}</time><span class="lk-grow lk-cut">{{ one.row.title }}, {{ one.row.first }}</span><span class="lk-hint">{{ said(one.row) }}</span></button>
        </template>
      </div>
      <template v-else>
      <div v-if="week" class="lk-fu-names" aria-hidden="true"><span v-for="each in days" :key="each.at" :class="{ 'lk-now': each.at === midnight(now) }">{{ each.name }}</span></div>
      <div ref="scroll" class="lk-fu-hours" tabindex="0" role="region" :aria-label="'Hours of ' + title">
        <div class="lk-fu-grid" :style="{ height: (to - from) * ${HOUR} + 'px' }">
          <span v-for="hour in hours" :key="hour" class="lk-fu-hour lk-num" :style="{ top: (hour - from) * ${HOUR} + 'px' }" aria-hidden="true">{{ String(hour).padStart(2, '0') }}:00</span>
          <div v-for="each in days" :key="each.at" class="lk-fu-col" role="group" :aria-label="each.full">
            <button v-for="one in each.placed" :key="one.row.id" type="button" class="lk-fu-block" :data-tone="tone(one.row)" :data-id="one.row.id" :aria-current="one.row.id === at ? 'true' : null" :style="place(one)" :title="hm(one.row.due) + '  ' + one.row.title + ', ' + one.row.lead" @click="$emit('pick', one.row.id, $event.currentTarget, $event.detail)">
              <span class="lk-sr">{{ hm(one.row.due) }} </span><b>{{ one.row.title }}, {{ one.row.first }}</b> <span v-if="said(one.row)">{{ said(one.row) }}</span></button>
            <div v-if="each.at === midnight(now)" class="lk-fu-now" :style="{ top: height(now) + 'px' }" aria-hidden="true"></div>
          </div>
        </div>
      </div>
      </template>
    </section>`,

  props: { rows: Array, day: Number, week: Boolean, now: Number, at: String, tone: Function, icons: String },
  emits: ['pick', 'shift'],
  data: () => ({ narrow: NARROW.matches }),

  computed: {
    start: (vm) => (vm.week ? monday(vm.day) : plus(vm.day, 0)),
    shown() {
      const end = plus(this.start, this.week ? 7 : 1);
      return this.rows.filter((row) => row.due >= this.start && row.due < end && row.status !== 'cancelled');
    },
    days() {
      return Array.from({ length: this.week ? 7 : 1 }, (_, n) => {
        const at = plus(this.start, n);
        const rows = this.shown.filter((row) => row.due >= at && row.due < plus(at, 1));
        return { at, name: `${weekday.format(at)} ${new Date(at).getDate()}`, full: longDay.format(at), placed: lanes(rows) };
      });
    },
    from() {
      return Math.min(FIRST, ...this.shown.map((row) => new Date(row.due).getHours()), this.has(this.now) ? new Date(this.now).getHours() : FIRST);
    },
    to() {
      return Math.min(24, Math.max(LAST, ...this.shown.map((row) => Math.ceil((minutes(row.due) + LASTS) / 60)), this.has(this.now) ? new Date(this.now).getHours() + 1 : 0));
    },
    hours() {
      return Array.from({ length: this.to - this.from }, (_, n) => this.from + n);
    },
    title() {
      if (!this.week) return longDay.format(this.start);
      return `${dayMonth.format(this.start)} to ${dayMonth.format(plus(this.start, 6))}`;
    },
  },
  watch: {
    start() {
      this.$nextTick(this.toNow);
    },
    week() {
      this.$nextTick(this.toNow);
    },
  },
  created() {
    this.hm = window.lk.hm;
    this.midnight = (ms) => plus(ms, 0);
  },
  mounted() {
    NARROW.addEventListener('change', this.resize);
    this.toNow();
  },
  unmounted() {
    NARROW.removeEventListener('change', this.resize);
  },

  methods: {
    resize() {
      this.narrow = NARROW.matches;
      this.$nextTick(this.toNow);
    },
    has(ms) {
      return ms >= this.start && ms < plus(this.start, this.week ? 7 : 1);
    },
    height(ms) {
      return Math.max(0, ((minutes(ms) - this.from * 60) / 60) * HOUR);
    },
    place(one) {
      const top = ((one.from - this.from * 60) / 60) * HOUR;
      return { top: `${top}px`, height: `${(LASTS / 60) * HOUR - 2}px`, left: `${(one.lane / one.of) * 100}%`, width: `calc(${100 / one.of}% - 2px)` };
    },
    said(row) {
      if (row.done) return 'Done';
      if (row.due <= this.now) return 'Overdue';
      return { call: 'Call', appointment: 'Appointment' }[row.kind] || '';
    },
    // What comes next is in sight; what was before it is a little above.
    toNow() {
      const box = this.$refs.scroll;
      if (!box || (this.week && this.narrow)) return;
      const wanted = this.has(this.now) ? this.height(this.now) : Math.min(...this.shown.map((row) => this.height(row.due)), (9 - this.from) * HOUR);
      box.scrollTop = Math.max(0, wanted - box.clientHeight / 3);
    },
  },
};
