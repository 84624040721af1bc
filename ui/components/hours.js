// When each place is open: one row per place, the week and the holidays of the open one below.
const icon = (name, more = '') => `<svg class="lk-i ${more}" aria-hidden="true"><use :href="icons + '#${name}'"/></svg>`;
const KEYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const TIME = 'inputmode="numeric" maxlength="5" placeholder="00:00" autocomplete="off" class="lk-oh-time"'; // the browser's own field would say AM and PM
const FEW = 30; // holidays that are drawn before somebody asks for all
const LONGEST = 900000; // characters of a feed: more would not come through the socket

export default {
  template: `
    <div class="lk-set-page">
      <header class="lk-set-head"><div><h2>Locations and hours</h2><p>Clocks that count opening hours go by these. When they change, the deadlines of leads that wait follow, and none becomes late by that alone.</p></div></header>
      <ul class="lk-set-rows">
        <li v-for="row in rows" :key="row.id" :data-row="row.id">
          <div class="lk-set-row">
            <span class="lk-tile">${icon('building-2')}</span>
            <div class="lk-grow lk-set-what">
              <b><button type="button" class="lk-set-open" :aria-expanded="open === row.id ? 'true' : 'false'" @click="toggle(row)">{{ row.name }}</button></b>
              <span class="lk-set-sub">{{ row.about }}</span>
            </div>
            <div class="lk-set-state"><span v-if="row.chip" class="lk-chip">{{ row.chip }}</span><small>{{ row.zone }}</small></div>
          </div>
        </li>
      </ul>

      <section v-if="row" ref="form" class="lk-set-form lk-oh" :aria-label="row.name" tabindex="-1">
        <h3>{{ row.name }}</h3>
        <form novalidate @submit.prevent="save">
          <div class="lk-set-field"><label for="lk-oh-name">Name</label><div><input id="lk-oh-name" v-model="form.name" maxlength="200" autocomplete="off" :aria-invalid="errors.name ? 'true' : null" aria-describedby="lk-ohe-name"><p v-if="errors.name" id="lk-ohe-name" class="lk-wrong">{{ errors.name }}</p></div></div>
          <div class="lk-set-field"><label for="lk-oh-zone">Time zone</label><div><select id="lk-oh-zone" v-model="form.timeZone" :aria-invalid="errors.timeZone ? 'true' : null"><option v-for="zone in zones" :key="zone">{{ zone }}</option></select><p v-if="errors.timeZone" class="lk-wrong">{{ errors.timeZone }}</p></div></div>
          <div class="lk-set-field"><span id="lk-oh-mode">Open</span>
            <div class="lk-tabs" role="group" aria-labelledby="lk-oh-mode"><button type="button" :aria-pressed="form.days ? 'false' : 'true'" @click="form.days = null">Always</button><button type="button" :aria-pressed="form.days ? 'true' : 'false'" @click="keep">At these hours</button></div></div>
          <template v-if="form.days">
            <fieldset v-for="(day, number) in form.days" :key="number" class="lk-set-field lk-oh-day" :data-day="keys[number]"><legend>{{ names[number] }}</legend><div>
              <span v-for="(period, place) in day" :key="place" class="lk-oh-period">
                <input v-model="period[0]" ${TIME} @change="period[0] = time(period[0])" :aria-label="names[number] + ' opens'" :aria-invalid="wrong(number) ? 'true' : null"><span aria-hidden="true">to</span><input v-model="period[1]" ${TIME} @change="period[1] = time(period[1])" :aria-label="names[number] + ' closes'" :aria-invalid="wrong(number) ? 'true' : null">
                <button type="button" class="lk-btn lk-quiet lk-square" :title="'Remove this period of ' + names[number]" @click="day.splice(place, 1)">${icon('x', 'lk-i14')}<span class="lk-sr">Remove this period of {{ names[number] }}</span></button></span>
              <span v-if="!day.length" class="lk-oh-closed">Closed</span>
              <button type="button" class="lk-btn lk-quiet lk-small" @click="more(day)">${icon('plus', 'lk-i12')}Add<span class="lk-sr"> a period on {{ names[number] }}</span></button>
              <button v-if="number === 0 && day.length" type="button" class="lk-btn lk-quiet lk-small" @click="copy">${icon('copy', 'lk-i12')}Copy to Tuesday to Friday</button>
              <p v-if="wrong(number)" class="lk-wrong" role="alert">{{ sentence(wrong(number)) }}</p></div></fieldset>
            <p v-if="errors.hours" class="lk-wrong lk-oh-wrong" role="alert">{{ sentence(errors.hours) }}.</p>
          </template>

          <h4>Holidays</h4>
          <p class="lk-hint">Days on which the place is closed, or a part of one.<template v-if="!form.days"> They count when the place keeps hours.</template></p>
          <ul v-if="form.holidays.length" class="lk-oh-holidays">
            <li v-for="(day, number) in drawn" :key="number">
              <input v-model="day.date" type="date" :aria-label="'Date of holiday ' + (number + 1)" :aria-invalid="amiss(number) ? 'true' : null">
              <input v-model="day.name" maxlength="200" placeholder="Name" :aria-label="'Name of holiday ' + (number + 1)">
              <span class="lk-oh-part"><template v-if="day.part"><input v-model="day.from" ${TIME} @change="day.from = time(day.from)" :aria-label="'Holiday ' + (number + 1) + ' closes from'"><span aria-hidden="true">to</span><input v-model="day.to" ${TIME} @change="day.to = time(day.to)" :aria-label="'Holiday ' + (number + 1) + ' closed until'"></template></span>
              <label class="lk-check"><input v-model="day.part" type="checkbox" @change="parted(day)"><span>Part</span></label>
              <label class="lk-check"><input v-model="day.yearly" type="checkbox"><span>Every year</span></label>
              <button type="button" class="lk-btn lk-quiet lk-square" :title="'Remove ' + (day.name || 'this holiday')" @click="form.holidays.splice(number, 1)">${icon('x', 'lk-i14')}<span class="lk-sr">Remove {{ day.name || 'this holiday' }}</span></button>
              <p v-if="amiss(number)" class="lk-wrong" role="alert">{{ sentence(amiss(number)) }}</p>
            </li>
          </ul>
          <p v-if="errors.holidays" class="lk-wrong" role="alert">The holidays {{ errors.holidays }}.</p>
          <div class="lk-oh-more">
            <button type="button" class="lk-btn" @click="holiday">${icon('plus', 'lk-i14')}Add a holiday</button>
            <button v-if="drawn.length < form.holidays.length" type="button" class="lk-btn lk-quiet" @click="all = true">Show all {{ form.holidays.length }}</button>
          </div>
          <p v-if="errors.form" class="lk-wrong" role="alert">{{ errors.form }}</p>
          <div class="lk-set-foot">
            <button type="submit" class="lk-btn lk-primary" :disabled="busy">Save</button>
            <button type="button" class="lk-btn lk-quiet" @click="close">Close</button>
          </div>
        </form>

        <h4>From a calendar</h4>
        <p class="lk-hint">Public holidays as an .ics file: days taken from the same calendar before are replaced, your own stay.</p>
        <div class="lk-oh-feed">
          <textarea v-model="text" rows="3" spellcheck="false" aria-label="Text of an .ics calendar" placeholder="BEGIN:VCALENDAR …" :aria-invalid="errors.ics ? 'true' : null"></textarea>
          <div><button type="button" class="lk-btn" :disabled="busy || !text.trim()" @click="feed(text)">Take what is pasted</button>
            <label class="lk-btn lk-oh-file">${icon('paperclip', 'lk-i14')}Choose a file<input type="file" accept=".ics,text/calendar" class="lk-sr" @change="file"></label></div>
          <p v-if="errors.ics" class="lk-wrong" role="alert">{{ sentence(errors.ics) }}.</p>
        </div>
        <div v-if="found" class="lk-result" :data-tone="found.bad.length ? 'amber' : 'green'" role="status">
          <svg class="lk-i" aria-hidden="true"><use :href="icons + (found.bad.length ? '#circle-alert' : '#circle-check')"/></svg>
          <div><b>{{ found.text }}</b>
            <ul v-if="found.bad.length" class="lk-oh-bad"><li v-for="line in found.bad" :key="line.number">Line {{ line.number }}: <span class="lk-mono">{{ line.text }}</span> {{ line.why }}</li></ul></div>
        </div>
      </section>
    </div>`,

  props: { initial: String, icons: String },

  data() {
    const { rows, zones } = JSON.parse(this.initial);
    return { rows, zones, open: null, form: {}, errors: {}, busy: false, all: false, text: '', found: null, was: '' };
  },

  computed: {
    row() {
      return this.rows.find((row) => row.id === this.open);
    },
    drawn() {
      return this.all ? this.form.holidays : this.form.holidays.slice(0, FEW);
    },
  },

  created() {
    [this.keys, this.names] = [KEYS, DAYS];
  },

  methods: {
    // called by the server
    show(rows) {
      const untouched = this.open && JSON.stringify(this.form) === this.was;
      this.rows = rows;
      if (this.open && !this.row) this.open = null;
      else if (untouched) this.fill();
    },
    saved() {
      [this.busy, this.errors] = [false, {}];
      if (this.row) this.fill();
    },
    fed(found) {
      [this.busy, this.errors, this.found, this.text] = [false, {}, found, ''];
      this.fill();
    },
    refused(errors) {
      [this.busy, this.errors] = [false, errors];
      if (Object.keys(errors).some((name) => name.startsWith('holidays.'))) this.all = true;
      this.$nextTick(() => this.$el.querySelector('[aria-invalid=true]')?.focus());
    },

    // done here
    sentence: (text) => text.charAt(0).toUpperCase() + text.slice(1),
    // 9, 930 and 9.30 are times too.
    time(text) {
      const [, hour, minute] = text.trim().match(/^(\d{1,2})[:.h]?(\d{2})?$/) || [];
      return hour ? `${hour.padStart(2, '0')}:${minute || '00'}` : text.trim();
    },
    wrong(number) {
      return this.errors[`hours.${KEYS[number]}`];
    },
    amiss(number) {
      const name = Object.keys(this.errors).find((each) => each === `holidays.${number}` || each.startsWith(`holidays.${number}.`));
      return name && this.errors[name];
    },
    fill() {
      const { name, timeZone, hours, holidays } = this.row.form;
      this.form = {
        ...{ name, timeZone },
        days: hours && KEYS.map((key) => hours[key].map((period) => [...period])),
        holidays: holidays.map((day) => ({ ...day, part: !!day.from, from: day.from || '', to: day.to || '' })),
      };
      if (!this.zones.includes(timeZone)) this.zones = [timeZone, ...this.zones];
      this.was = JSON.stringify(this.form);
    },
    toggle(row) {
      if (this.open === row.id) return this.close();
      [this.open, this.errors, this.found, this.text, this.all] = [row.id, {}, null, '', false];
      this.fill();
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
    keep() {
      if (!this.form.days) this.form.days = KEYS.map((_, number) => (number < 5 ? [['09:00', '17:00']] : []));
    },
    more(day) {
      const last = day.length ? day[day.length - 1][1] : '';
      day.push(last ? ['', ''] : ['09:00', '17:00']);
      this.$nextTick(() => last && this.$el.querySelectorAll('.lk-oh-period')[this.form.days.flat().indexOf(day[day.length - 1])]?.querySelector('input')?.focus());
    },
    copy() {
      for (const number of [1, 2, 3, 4]) this.form.days[number] = this.form.days[0].map((period) => [...period]);
    },
    parted(day) {
      [day.from, day.to] = day.part ? ['12:00', '24:00'] : ['', ''];
    },
    holiday() {
      this.form.holidays.push({ date: '', name: '', yearly: false, part: false, from: '', to: '', uid: '' });
      this.all = this.all || this.form.holidays.length > FEW;
      this.$nextTick(() => this.$el.querySelector('.lk-oh-holidays li:last-child input')?.focus());
    },
    save() {
      [this.busy, this.errors, this.found] = [true, {}, null];
      const { name, timeZone, days, holidays } = this.form;
      this.$emit('save', this.open, {
        ...{ name: name.trim(), timeZone },
        hours: days && Object.fromEntries(KEYS.map((key, number) => [key, days[number]])),
        holidays: holidays.map((day) => ({
          ...{ date: day.date, name: day.name, yearly: day.yearly, uid: day.uid },
          ...(day.part ? { from: day.from, to: day.to } : {}),
        })),
      });
    },
    async file(event) {
      const [chosen] = event.target.files;
      event.target.value = '';
      if (chosen) this.feed(chosen.size > LONGEST ? null : await chosen.text());
    },
    feed(text) {
      this.found = null;
      if (text === null || text.length > LONGEST) this.errors = { ics: 'the calendar is too long' };
      else if (JSON.stringify(this.form) !== this.was) this.errors = { ics: 'save what you changed above first' };
      else {
        [this.busy, this.errors] = [true, {}];
        this.$emit('feed', this.open, text);
      }
    },
  },
};
