// How fast somebody has to answer: one row per quality, the form of the open one below, with an example that follows what is typed.
const icon = (name, more = '') => `<svg class="lk-i ${more}" aria-hidden="true"><use :href="icons + '#${name}'"/></svg>`;
const UNITS = [[60, 'minutes'], [3600, 'hours'], [86400, 'days']];
const WINDOWS = [
  ['firstReplySeconds', 'First reply', 'Until a person has written to the customer, called or met them.'],
  ['nextReplySeconds', 'Next reply', 'After the customer has answered. Empty: no such clock.'],
  ['resolutionSeconds', 'Resolution', 'From arrival until the lead is closed. Empty: no such clock.'],
  ['warnSeconds', 'Warn before', 'How long before the deadline.'],
  ['escalateSeconds', 'Escalate after', 'How long after a missed deadline the alarm goes up once more.'],
];
const FIELD = (name, label, hint) => `
  <div class="lk-set-field"><label for="lk-sp-${name}">${label}</label><div>
    <div class="lk-sp-window"><input id="lk-sp-${name}" v-model="form.${name}.count" type="number" inputmode="numeric" min="0" step="any" :aria-invalid="errors.${name} ? 'true' : null" aria-describedby="lk-spe-${name}">
      <select v-model.number="form.${name}.unit" aria-label="Unit of ${label.toLowerCase()}"><option v-for="[size, word] in units" :key="size" :value="size">{{ word }}</option></select></div>
    <p id="lk-spe-${name}" :class="errors.${name} ? 'lk-wrong' : 'lk-hint'">{{ errors.${name} || '${hint}' }}</p></div></div>`;

export default {
  template: `
    <div class="lk-set-page">
      <header class="lk-set-head"><div><h2>SLA policies</h2><p>How fast somebody has to answer. A change applies to leads that come from then on; clocks that run keep the deadline that was promised.</p></div></header>
      <ul class="lk-set-rows">
        <li v-for="row in rows" :key="row.quality" :data-row="row.quality">
          <div class="lk-set-row">
            <span class="lk-tile"><span class="lk-heat" :data-q="row.quality" aria-hidden="true"><i></i><i></i><i></i></span></span>
            <div class="lk-grow lk-set-what">
              <b><button type="button" class="lk-set-open" :aria-expanded="open === row.quality ? 'true' : 'false'" @click="toggle(row)">{{ row.name }}</button></b>
              <span class="lk-set-sub">{{ row.about }}</span>
            </div>
            <span v-if="row.chip" class="lk-chip">{{ row.chip }}</span>
          </div>
        </li>
      </ul>

      <section v-if="open" ref="form" class="lk-set-form" :aria-label="row.name" tabindex="-1">
        <h3>{{ row.name }}</h3>
        <form novalidate @submit.prevent="save" @input="changed">
          ${FIELD(...WINDOWS[0])}
          <div class="lk-set-field"><span id="lk-sp-clock">Time that counts</span>
            <div class="lk-tabs" role="group" aria-labelledby="lk-sp-clock"><button v-for="[key, word] in clocks" :key="key" type="button" :aria-pressed="form.clock === key ? 'true' : 'false'" @click="form.clock = key; changed()">{{ word }}</button></div></div>
          <div class="lk-sp-example" role="group" aria-label="Example">
            <div class="lk-sp-when" @input.stop><span>A lead comes</span>
              <select v-model.number="weekday" aria-label="Weekday" @change="ask"><option v-for="(day, number) in week" :key="day" :value="number">{{ day }}</option></select>
              <input v-model="at" inputmode="numeric" maxlength="5" placeholder="17:50" autocomplete="off" class="lk-oh-time" aria-label="Time" @change="ask">
              <template v-if="places.length > 1"><span>at</span><select v-model="place" aria-label="Location" @change="ask"><option v-for="each in places" :key="each.id" :value="each.id">{{ each.name }}</option></select></template></div>
            <p role="status"><b>{{ example ? example.text : 'No example for what stands here yet.' }}</b><span v-if="example">{{ example.note }}</span></p>
          </div>
          ${FIELD(...WINDOWS[1])}
          ${FIELD(...WINDOWS[2])}
          <fieldset class="lk-set-field"><legend>Pauses while</legend><div>
            <label class="lk-check"><input v-model="form.pausing" type="checkbox" value="waiting"><span>Waiting<small>For the customer: they have to answer first</small></span></label>
            <label class="lk-check"><input v-model="form.pausing" type="checkbox" value="snoozed"><span>Snoozed<small>Put away until a moment</small></span></label></div></fieldset>
          ${FIELD(...WINDOWS[3])}
          <div class="lk-set-field"><label for="lk-sp-share">Short windows</label><div>
            <div class="lk-sp-window"><input id="lk-sp-share" v-model="form.share" type="number" inputmode="numeric" min="0" max="100" step="any" :aria-invalid="errors.warnShare ? 'true' : null" aria-describedby="lk-spe-share"><span>% of the window left</span></div>
            <p id="lk-spe-share" :class="errors.warnShare ? 'lk-wrong' : 'lk-hint'">{{ errors.warnShare || 'When windows under an hour are warned of, instead of the time above.' }}</p></div></div>
          ${FIELD(...WINDOWS[4])}
          <div class="lk-set-field"><span>Assistant</span><div><label class="lk-check"><input v-model="form.assistantCounts" type="checkbox"><span>Its reply counts as the first reply<small>Off, only a person stops the clock</small></span></label></div></div>
          <p v-if="errors.form" class="lk-wrong" role="alert">{{ errors.form }}</p>
          <div class="lk-set-foot">
            <button type="submit" class="lk-btn lk-primary" :disabled="busy">Save</button>
            <button type="button" class="lk-btn" :disabled="trying" @click="simulate"><i v-if="trying" class="lk-spin" aria-hidden="true"></i><template v-else>${icon('history', 'lk-i14')}</template>Try on the last 30 days</button>
            <button type="button" class="lk-btn lk-quiet" @click="close">Close</button>
          </div>
        </form>
        <div v-if="found" ref="found" class="lk-sp-found" role="group" aria-label="Simulation" tabindex="-1">
          <p role="status"><b>{{ found.text }}</b><span>Who replied, and when, is taken as it was. Nothing is changed by trying.</span></p>
          <div v-if="found.groups.length" class="lk-frame"><table class="lk-table">
            <thead><tr><th scope="col">Leads</th><th scope="col">In time</th><th scope="col">Late</th><th scope="col">Waiting</th><th scope="col">Closed unanswered</th></tr></thead>
            <tbody v-for="group in found.groups" :key="group.name">
              <tr v-if="group.name"><th scope="rowgroup" colspan="5">{{ group.name }}</th></tr>
              <tr v-for="line in group.lines" :key="line.name">
                <td>{{ line.name }}</td>
                <td v-for="[key, good, word] in ends" :key="key" class="lk-num" :data-label="word"><span>{{ line[key][0] }}</span><template v-if="line[key][0] !== line[key][1]"><span class="lk-sr"> before, after: </span><span aria-hidden="true"> → </span><b :data-tone="tone(line[key], good)">{{ line[key][1] }}</b></template></td>
              </tr>
            </tbody>
          </table></div>
        </div>
      </section>
    </div>`,

  props: { initial: String, icons: String },

  data() {
    const { rows, places } = JSON.parse(this.initial);
    return {
      ...{ rows, places, open: null, form: {}, errors: {}, busy: false, trying: false, found: null, example: null },
      ...{ place: places.length ? places[0].id : '', weekday: 4, at: '17:50' },
    };
  },

  computed: {
    row() {
      return this.rows.find((row) => row.quality === this.open);
    },
  },

  created() {
    this.units = UNITS;
    this.clocks = [['always', 'Round the clock'], ['business', 'Opening hours']];
    this.week = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
    this.ends = [['met', 1, 'In time'], ['missed', -1, 'Late'], ['open', 0, 'Waiting'], ['closed', 0, 'Closed unanswered']];
  },

  unmounted() {
    clearTimeout(this.later);
  },

  methods: {
    // called by the server
    show(rows) {
      this.rows = rows;
    },
    saved() {
      [this.busy, this.errors] = [false, {}];
    },
    refused(errors) {
      [this.busy, this.trying, this.errors] = [false, false, errors];
      this.$nextTick(() => this.$el.querySelector('[aria-invalid=true]')?.focus());
    },
    previewed(said) {
      this.example = said;
    },
    simulated(found) {
      [this.trying, this.found, this.errors] = [false, found, {}];
      this.$nextTick(() => this.$refs.found?.scrollIntoView({ block: 'nearest' }));
    },

    // done here
    tone([before, after], good) {
      return good ? ((after - before) * good > 0 ? 'green' : 'red') : null;
    },
    toggle(row) {
      if (this.open === row.quality) return this.close();
      [this.open, this.errors, this.found, this.example] = [row.quality, {}, null, null];
      const form = { clock: row.form.clock, pausing: [...row.form.pausing], assistantCounts: row.form.assistantCounts, share: Math.round(row.form.warnShare * 1000) / 10 };
      for (const [name] of WINDOWS) {
        const seconds = row.form[name];
        const [unit] = [...UNITS].reverse().find(([size]) => seconds && seconds % size === 0 && seconds !== 86400) || (seconds === 86400 ? [3600] : UNITS[0]);
        form[name] = { count: seconds === null ? '' : seconds / unit, unit };
      }
      this.form = form;
      this.ask();
      this.$nextTick(() => {
        this.$refs.form?.focus({ preventScroll: true });
        this.$refs.form?.scrollIntoView({ block: 'nearest' });
      });
    },
    close() {
      const from = this.open;
      this.open = null;
      this.$nextTick(() => this.$el.querySelector(`[data-row="${from}"] .lk-set-open`)?.focus());
    },
    // What the API takes: whole seconds; an empty optional window is none.
    body() {
      const out = { quality: this.open, clock: this.form.clock, pausing: [...this.form.pausing], assistantCounts: this.form.assistantCounts, warnShare: Number(this.form.share) / 100 };
      for (const [name] of WINDOWS) {
        const { count, unit } = this.form[name];
        const empty = count === '' || count === null;
        out[name] = empty ? (name === 'nextReplySeconds' || name === 'resolutionSeconds' ? null : 0) : Math.round(Number(count) * unit);
      }
      return out;
    },
    changed() {
      clearTimeout(this.later);
      this.found = null;
      this.later = setTimeout(this.ask, 150);
    },
    ask() {
      if (this.open && this.place && this.at) this.$emit('preview', this.body(), this.place, this.weekday, this.at);
    },
    save() {
      [this.busy, this.errors] = [true, {}];
      this.$emit('save', this.body());
    },
    simulate() {
      [this.trying, this.found] = [true, null];
      this.$emit('simulate', this.body());
    },
  },
};
