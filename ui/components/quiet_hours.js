// When a person wants quiet. The browser's own time zone is offered first.
const MINE = Intl.DateTimeFormat().resolvedOptions().timeZone;

export default {
  template: `
    <div class="lk-set-page">
      <header class="lk-set-head"><div><h1>Quiet hours</h1><p>Alarms of your leads wait until your quiet hours are over, but never past a deadline: if quiet lasts longer, the next person who is there is told, and you afterwards. There is no alarm sound meanwhile.</p></div></header>
      <form @submit.prevent="save">
        <div class="lk-set-field"><span id="lk-qh-on">Quiet hours</span><div><button type="button" role="switch" class="lk-set-switch" :aria-checked="on ? 'true' : 'false'" aria-labelledby="lk-qh-on" @click="on = !on"></button></div></div>
        <template v-if="on">
          <div class="lk-set-field"><label for="lk-qh-from">From</label><div><input id="lk-qh-from" v-model="form.from" type="time" required /></div></div>
          <div class="lk-set-field"><label for="lk-qh-to">To</label><div><input id="lk-qh-to" v-model="form.to" type="time" required /></div></div>
          <div class="lk-set-field"><label for="lk-qh-zone">Time zone</label><div><select id="lk-qh-zone" v-model="form.zone"><option v-for="zone in all" :key="zone">{{ zone }}</option></select></div></div>
        </template>
        <button type="submit" class="lk-btn lk-primary" :disabled="!changed">Save</button>
      </form>
    </div>`,
  props: { zones: Array, icons: String },
  data: () => ({ on: false, form: { from: '22:00', to: '07:00', zone: MINE }, kept: 'null' }),
  computed: {
    all() {
      return this.zones.includes(MINE) ? this.zones : [MINE, ...this.zones];
    },
    value() {
      return this.on ? { from: this.form.from, to: this.form.to, zone: this.form.zone } : null;
    },
    changed() {
      return JSON.stringify(this.value) !== this.kept;
    },
  },
  mounted() {
    this.$emit('ready');
  },
  methods: {
    // called by the server
    show(hours) {
      this.on = !!hours;
      if (hours) this.form = { from: hours.from, to: hours.to, zone: hours.zone };
      this.kept = JSON.stringify(this.value);
    },
    save() {
      this.$emit('save', this.value);
    },
  },
};
