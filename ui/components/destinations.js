// Where leads are announced: one row each, the form of the open one below. Secrets leave this form once, when it is saved, and never come in.
import Ladder from 'alarm_ladder';

const icon = (name, more = '') => `<svg class="lk-i ${more}" aria-hidden="true"><use :href="icons + '#${name}'"/></svg>`;
const RESULT = `
  <div v-if="results[ID]" class="lk-result" :data-tone="results[ID].tone" role="status">
    <svg class="lk-i" aria-hidden="true"><use :href="icons + (results[ID].tone === 'green' ? '#circle-check' : results[ID].tone === 'amber' ? '#clock' : '#circle-x')"/></svg>
    <div><b>{{ results[ID].title }}</b> {{ results[ID].text }}<span v-if="results[ID].fix">{{ results[ID].fix }}</span></div>
  </div>`;

export default {
  components: { 'lk-ladder': Ladder },
  template: `
    <div class="lk-set-page">
      <header class="lk-set-head">
        <div><h2>Destinations</h2><p>Where leads are announced. A lead is stored first, so a broken connection delays a message and never costs a lead.</p></div>
        <button v-if="edit" ref="add" type="button" class="lk-btn" @click="add">${icon('plus', 'lk-i14')}Add</button>
      </header>
      <ul v-if="rows.length" class="lk-set-rows">
        <li v-for="row in rows" :key="row.id" :data-row="row.id">
          <div class="lk-set-row">
            <span class="lk-tile"><svg class="lk-i" aria-hidden="true"><use :href="icons + '#' + row.icon"/></svg></span>
            <div class="lk-grow lk-set-what">
              <b><button v-if="edit" type="button" class="lk-set-open" :aria-expanded="open === row.id ? 'true' : 'false'" @click="toggle(row)">{{ row.name }}</button><template v-else>{{ row.name }}</template></b>
              <span class="lk-set-sub">{{ row.trouble || row.about }}</span>
            </div>
            <div class="lk-set-state"><span class="lk-chip" :data-tone="row.tone">{{ row.chip }}</span>
              <small><a v-if="row.dead" class="lk-link" :href="'/deliveries?state=dead&destination=' + row.id">{{ row.dead }} {{ row.dead === 1 ? 'dead letter' : 'dead letters' }}</a><template v-else>{{ note(row) }}</template></small></div>
            <div v-if="edit" class="lk-set-acts">
              <button v-if="row.paused && row.enabled" type="button" class="lk-btn" @click="$emit('pause', row.id, false)">Resume<span class="lk-sr"> {{ row.name }}</span></button>
              <button v-if="row.connected" type="button" class="lk-btn" :disabled="!row.enabled || testing === row.id" :title="row.enabled ? null : 'Switch it on to test it'" @click="test(row.id)"><i v-if="testing === row.id" class="lk-spin" aria-hidden="true"></i>Test<span class="lk-sr"> {{ row.name }}</span></button>
              <button v-if="row.connected" type="button" role="switch" class="lk-set-switch" :aria-checked="row.enabled ? 'true' : 'false'" :disabled="!!row.env" :title="row.env ? 'Set by ' + row.env + '; it can be paused here' : null" @click="$emit('turn', row.id, !row.enabled)"><span class="lk-sr">Send to {{ row.name }}</span></button>
            </div>
          </div>
          <template v-if="open !== row.id">${RESULT.replaceAll('ID', 'row.id')}</template>
        </li>
      </ul>
      <div v-else-if="open !== 'new'" class="lk-state lk-set-empty">
        <span class="lk-glyph">${icon('plug')}</span><h3 class="lk-h">Nobody is told yet</h3>
        <p>Leads are stored and shown in the inbox. Add Slack, a webhook or another place to hear of them at once.</p>
        <button v-if="edit" type="button" class="lk-btn" @click="add">Add a destination</button>
      </div>

      <section v-if="open" ref="form" class="lk-set-form" :aria-label="title" tabindex="-1">
        <h3>{{ title }}</h3>
        <p v-if="env" class="lk-hint">Its address comes from the setting <span class="lk-mono">{{ env }}</span>. To change it or take it away, change the setting and restart.</p>
        <div v-if="secret" class="lk-once">
          <b>Copy the signing secret now. It is not shown again.</b>
          <div><code class="lk-mono" tabindex="0">{{ secret }}</code><button type="button" class="lk-btn" @click="copy">{{ copied ? 'Copied' : 'Copy' }}</button></div>
        </div>
        <form novalidate @submit.prevent="save">
          <div v-if="open === 'new'" class="lk-set-field"><span id="lk-kind">Kind</span>
            <div class="lk-tabs" role="group" aria-labelledby="lk-kind"><button v-for="kind in kinds" :key="kind.kind" type="button" :aria-pressed="form.kind === kind.kind ? 'true' : 'false'" @click="choose(kind)">{{ kind.label }}</button></div>
          </div>
          <div class="lk-set-field"><label for="lk-f-name">Name</label><div><input id="lk-f-name" v-model="form.name" maxlength="120" autocomplete="off" :aria-invalid="errors.name ? 'true' : null" :aria-describedby="errors.name ? 'lk-e-name' : null">
            <p v-if="errors.name" id="lk-e-name" class="lk-wrong">{{ errors.name }}</p></div></div>
          <div v-for="field in fields" :key="field.name" class="lk-set-field"><label :for="'lk-f-' + field.name">{{ field.label }}</label><div>
            <input :id="'lk-f-' + field.name" v-model="form.fields[field.name]" :type="field.hidden ? 'password' : 'text'" autocomplete="off" autocapitalize="none" spellcheck="false"
              :placeholder="shown[field.name] ? shown[field.name] + ' (type to replace)' : ''" :aria-invalid="errors[field.name] ? 'true' : null" :aria-describedby="'lk-e-' + field.name">
            <label v-if="field.made && shown[field.name]" class="lk-check"><input v-model="form.newSecret" type="checkbox">Replace it with a new one</label>
            <p :id="'lk-e-' + field.name" :class="errors[field.name] ? 'lk-wrong' : 'lk-hint'">{{ errors[field.name] || (shown[field.name] ? '' : field.help) }}</p></div></div>
          <fieldset class="lk-set-field"><legend>Hears about</legend><div>
            <label v-for="each in events" :key="each.key" class="lk-check"><input v-model="form.events" type="checkbox" :value="each.key"><span>{{ each.label }}<small v-if="each.note">{{ each.note }}</small></span></label></div></fieldset>
          <div class="lk-set-field"><label for="lk-f-quality">Least quality</label><div><select id="lk-f-quality" v-model="form.quality"><option value="">Any lead</option><option value="warm">Warm and hot</option><option value="hot">Hot only</option></select></div></div>
          <fieldset v-if="places.length > 1" class="lk-set-field"><legend>Locations</legend><div>
            <label v-for="each in places" :key="each.id" class="lk-check"><input v-model="form.locations" type="checkbox" :value="each.id"><span>{{ each.name }}</span></label><p class="lk-hint">None chosen: all of them.</p></div></fieldset>
          <p v-if="errors.form || errors.config" class="lk-wrong" role="alert">{{ errors.form || errors.config }}</p>
          ${RESULT.replaceAll('ID', 'open')}
          <div class="lk-set-foot">
            <button type="submit" class="lk-btn lk-primary" :disabled="busy">Save</button>
            <template v-if="row">
              <button v-if="row.connected" type="button" class="lk-btn" :disabled="!row.enabled || testing === row.id" @click="test(row.id)"><i v-if="testing === row.id" class="lk-spin" aria-hidden="true"></i><template v-else>${icon('play', 'lk-i14')}</template>Send a test message</button>
              <button v-if="row.enabled" type="button" class="lk-btn" @click="$emit('pause', row.id, !row.paused)">{{ row.paused ? 'Resume' : 'Pause' }}</button>
            </template>
            <button type="button" class="lk-btn lk-quiet" @click="close">Close</button>
            <span class="lk-grow"></span>
            <button v-if="row && row.connected && !env" ref="cut" type="button" class="lk-btn lk-danger" @click="askFirst">Disconnect</button>
          </div>
        </form>
      </section>
      <lk-ladder v-if="ladder.rungs.length" :ladder="ladder" :edit="edit" :icons="icons" @order="(wanted, known) => $emit('ladder', wanted, known)"/>
      <dialog ref="dialog" class="lk-dialog lk-set-ask" role="dialog" aria-modal="true" aria-labelledby="lk-cut-title">
        <header><h2 id="lk-cut-title">Disconnect {{ row && row.name }}?</h2></header>
        <div class="lk-inside"><p>Its address and secrets are forgotten. <template v-if="row && row.waiting">{{ row.waiting }} {{ row.waiting === 1 ? 'message that waits' : 'messages that wait' }} for it will not be sent. </template>Leads stay, and so does what was delivered.</p></div>
        <footer><button type="button" class="lk-btn" @click="$refs.dialog.close()">Keep it</button><button type="button" class="lk-btn lk-danger" @click="cut">Disconnect</button></footer>
      </dialog>
    </div>`,

  props: { initial: String, known: String, edit: Boolean, icons: String },

  data() {
    const { kinds, events, defaults, locations } = JSON.parse(this.known);
    const { rows, ladder } = JSON.parse(this.initial);
    return {
      ...{ kinds, events, defaults, places: locations, rows, ladder, open: null, form: {}, errors: {}, busy: false },
      ...{ testing: null, results: {}, secret: '', copied: false, minute: 0 },
    };
  },

  computed: {
    row() {
      return this.rows.find((row) => row.id === this.open);
    },
    title() {
      return this.open === 'new' ? 'New destination' : this.row ? this.row.name : '';
    },
    env() {
      return this.row ? this.row.env : '';
    },
    shown() {
      return this.row ? this.row.shown : {};
    },
    fields() {
      return this.env ? [] : (this.kinds.find((kind) => kind.kind === this.form.kind) || { fields: [] }).fields;
    },
  },

  methods: {
    // called by the server
    show({ rows, ladder }) {
      [this.rows, this.ladder] = [rows, ladder];
      if (this.open && this.open !== 'new' && !this.row) this.open = null;
    },
    saved(id, secret) {
      [this.busy, this.open, this.secret, this.errors] = [false, id, secret, {}];
      if (this.row) this.fill(this.row);
      this.toForm();
    },
    refused(errors) {
      [this.busy, this.errors] = [false, errors];
      this.$nextTick(() => this.$el.querySelector('[aria-invalid=true]')?.focus());
    },
    tested(id, result) {
      this.testing = null;
      if (result) this.results = { ...this.results, [id]: result };
    },

    // done here
    note(row) {
      if (row.paused && row.waiting) return `${row.waiting} waiting`;
      if (row.at) return `Last delivery ${window.lk.when(row.at)}`;
      return row.env ? 'From environment' : '';
    },
    fill(row) {
      const kind = this.kinds.find((each) => each.kind === row.kind) || { fields: [] };
      const keep = (field) => (field.secret || field.name === 'url' ? '' : row.shown[field.name] || '');
      const fields = Object.fromEntries(kind.fields.map((field) => [field.name, keep(field)]));
      this.form = { kind: row.kind, name: row.name, fields, events: [...row.events], quality: row.quality, locations: [...row.locations], newSecret: false };
    },
    add() {
      [this.open, this.errors, this.secret, this.form] = ['new', {}, '', { events: [...this.defaults], quality: '', locations: [] }];
      this.choose(this.kinds[0]);
      this.toForm();
    },
    choose(kind) {
      const taken = this.rows.some((row) => row.name === kind.label);
      Object.assign(this.form, { kind: kind.kind, name: taken ? '' : kind.label, fields: Object.fromEntries(kind.fields.map((field) => [field.name, ''])) });
      this.errors = {};
    },
    toggle(row) {
      if (this.open === row.id) return this.close();
      [this.open, this.errors, this.secret] = [row.id, {}, ''];
      this.fill(row);
      this.toForm();
    },
    toForm() {
      this.$nextTick(() => {
        this.$refs.form?.focus({ preventScroll: true });
        this.$refs.form?.scrollIntoView({ block: 'nearest' });
      });
    },
    close() {
      const from = this.open;
      [this.open, this.secret] = [null, ''];
      this.$nextTick(() => (from === 'new' ? this.$refs.add : this.$el.querySelector(`[data-row="${from}"] .lk-set-open`))?.focus());
    },
    save() {
      [this.busy, this.errors, this.secret, this.copied] = [true, {}, '', false];
      this.$emit('save', { ...this.form, id: this.open === 'new' ? '' : this.open });
    },
    test(id) {
      this.testing = id;
      delete this.results[id];
      this.$emit('test', id);
    },
    async copy() {
      this.copied = await window.lk.copy(this.secret);
    },
    askFirst() {
      this.$refs.dialog.showModal();
    },
    cut() {
      this.$refs.dialog.close();
      this.$emit('disconnect', this.open);
      this.close();
    },
  },
};
