// Sequences and their templates: what a new lead hears by itself, and when. Lists, one editor at a time, and the words in a dialog.
import Words from 'template_form';

const icon = (name, more = 'lk-i14') => `<svg class="lk-i ${more}" aria-hidden="true"><use :href="icons + '#${name}'"/></svg>`;
const CHANNELS = [['email', 'E-mail', 'mail'], ['sms', 'SMS', 'smartphone'], ['whatsapp', 'WhatsApp', 'message-square'], ['task', 'Task', 'list-checks']];
const KINDS = [['call', 'Call'], ['email', 'E-mail'], ['message', 'Message'], ['document', 'Document'], ['appointment', 'Appointment'], ['task', 'Task']];
const QUALITIES = [['hot', 'Hot'], ['warm', 'Warm'], ['cold', 'Cold']];
const after = (hours) => (hours === 0 ? 'At once' : hours < 1 ? `After ${Math.round(hours * 60)} min` : hours % 24 === 0 ? `After ${hours / 24} ${hours === 24 ? 'day' : 'days'}` : `After ${hours} h`);
// Hours as people write them: in days where they are whole ones.
const spelled = (hours) => (hours && hours < 1 ? [Math.round(hours * 60), 'minutes'] : hours && hours % 24 === 0 ? [hours / 24, 'days'] : [hours, 'hours']);
const HOURS = { minutes: 1 / 60, hours: 1, days: 24 };

export default {
  components: { 'lk-words': Words },
  template: `
    <div class="lk-set-page lk-seq">
      <template v-if="!form">
      <header class="lk-set-head"><div><h2>Sequences</h2><p>What a new lead hears by itself. A sequence stops at the first reply, at an appointment and at “stop”; it never counts as the first reply.</p></div>
        <button ref="first" type="button" class="lk-btn lk-primary" @click="edit(null)">${icon('plus')}New sequence</button></header>
      <ul v-if="sequences.length" class="lk-set-rows">
        <li v-for="row in sequences" :key="row.id" :data-sequence="row.id"><div class="lk-set-row lk-seq-row">
          <div class="lk-grow lk-set-what"><b><button type="button" class="lk-set-open" :id="'lk-seq-' + row.id" @click="edit(row)">{{ row.name }}</button></b><span class="lk-set-sub">{{ row.whom }}<template v-if="row.runs"> · {{ row.runs }}</template></span>
            <ol class="lk-seq-steps"><li v-for="(step, n) in row.steps" :key="n"><svg class="lk-i lk-i12" aria-hidden="true"><use :href="icons + '#' + glyph(step.channel)"/></svg>{{ after(step.afterHours) }}: {{ channel(step.channel) }}<span v-if="off(step.channel)" class="lk-chip" data-tone="amber">channel not connected</span></li></ol></div>
          <button type="button" role="switch" class="lk-set-switch" :aria-checked="row.on ? 'true' : 'false'" :aria-labelledby="'lk-seq-' + row.id" @click="turn(row)"></button></div></li>
      </ul>
      <div v-else class="lk-state lk-set-empty"><span class="lk-glyph">${icon('list-checks', '')}</span><h3 class="lk-h">No sequences</h3><p>A message with the chat link at once, a call after a day: steps that nobody has to remember.</p></div>
      <header class="lk-set-head lk-seq-second"><div><h2>Templates</h2><p>Words that steps use. What stands in double braces is filled in for each lead.</p></div>
        <button ref="second" type="button" class="lk-btn" @click="$refs.words.open(null)">${icon('plus')}New template</button></header>
      <ul v-if="templates.length" class="lk-set-rows">
        <li v-for="row in templates" :key="row.id" :data-template="row.id"><div class="lk-set-row">
          <div class="lk-grow lk-set-what"><b><button type="button" class="lk-set-open" @click="$refs.words.open(row)">{{ row.name }}</button></b><span class="lk-set-sub lk-cut">{{ row.subject || row.body }}</span></div>
          <span class="lk-hint">{{ used(row) }}</span></div></li>
      </ul>
      <div v-else class="lk-state lk-set-empty"><span class="lk-glyph">${icon('file-text', '')}</span><h3 class="lk-h">No templates</h3><p>A step needs words. Begin with the ones that say thank you.</p></div>
      </template>

      <form v-else class="lk-seq-form" novalidate @submit.prevent="save">
        <header class="lk-set-head"><div><h2>{{ form.id ? form.was : 'New sequence' }}</h2><p>Hours count from the moment the lead came. Runs under way keep the steps they began with.</p></div></header>
        <p v-if="errors['']" class="lk-alert" role="alert">{{ errors[''] }}</p>
        <div class="lk-set-field"><label for="lk-seq-name">Name</label><div><input id="lk-seq-name" v-model="form.name" type="text" maxlength="120" autocomplete="off" :aria-invalid="errors.name ? 'true' : null" aria-describedby="lk-seq-name-e"><p id="lk-seq-name-e" class="lk-wrong" :role="errors.name ? 'alert' : null">{{ errors.name }}</p></div></div>
        <fieldset class="lk-set-field"><legend>For leads that are</legend><div class="lk-seq-checks"><label v-for="[value, name] in qualities" :key="value" class="lk-check"><input v-model="form.qualities" type="checkbox" :value="value"><span>{{ name }}</span></label><p class="lk-hint">None chosen: for all.</p></div></fieldset>
        <fieldset v-if="places.length > 1" class="lk-set-field"><legend>At</legend><div class="lk-seq-checks"><label v-for="each in places" :key="each.id" class="lk-check"><input v-model="form.locationIds" type="checkbox" :value="each.id"><span>{{ each.name }}</span></label><p class="lk-hint">None chosen: at all locations.</p></div></fieldset>
        <h3 class="lk-seq-h">Steps</h3>
        <div class="lk-set-rows lk-seq-edit">
          <div v-for="(step, n) in form.steps" :key="step.key" class="lk-seq-step" role="group" :aria-label="'Step ' + (n + 1)">
            <span class="lk-seq-n" aria-hidden="true">{{ n + 1 }}</span>
            <div class="lk-seq-when"><label :for="'lk-seq-n-' + n">After</label><input :id="'lk-seq-n-' + n" v-model.number="step.number" type="number" min="0" step="any" inputmode="decimal" :aria-invalid="wrong(n, 'afterHours') ? 'true' : null"><select v-model="step.unit" :aria-label="'Unit of step ' + (n + 1)"><option value="minutes">minutes</option><option value="hours">hours</option><option value="days">days</option></select></div>
            <div class="lk-seq-pick"><label :for="'lk-seq-c-' + n">By</label><select :id="'lk-seq-c-' + n" v-model="step.channel"><option v-for="[value, name] in channels" :key="value" :value="value">{{ name }}{{ off(value) ? ', not connected' : '' }}</option></select></div>
            <div v-if="step.channel === 'task'" class="lk-seq-pick"><label :for="'lk-seq-k-' + n">Kind</label><select :id="'lk-seq-k-' + n" v-model="step.kind"><option v-for="[value, name] in kinds" :key="value" :value="value">{{ name }}</option></select></div>
            <div class="lk-seq-pick lk-seq-wide"><label :for="'lk-seq-t-' + n">Words</label><select :id="'lk-seq-t-' + n" v-model="step.templateId" :aria-invalid="wrong(n, 'templateId') ? 'true' : null"><option value="" disabled>Choose a template</option><option v-for="each in templates" :key="each.id" :value="each.id">{{ each.name }}</option></select></div>
            <label class="lk-check lk-seq-hours"><input v-model="step.businessHours" type="checkbox"><span>Wait until the location is open</span></label>
            <div v-if="!step.businessHours && step.channel !== 'task'" class="lk-seq-pick lk-seq-wide"><label :for="'lk-seq-o-' + n">Words when closed</label><select :id="'lk-seq-o-' + n" v-model="step.outsideTemplateId"><option value="">The same</option><option v-for="each in templates" :key="each.id" :value="each.id">{{ each.name }}</option></select></div>
            <button type="button" class="lk-btn lk-quiet lk-square lk-seq-gone" :title="'Remove step ' + (n + 1)" @click="form.steps.splice(n, 1)">${icon('x')}<span class="lk-sr">Remove step {{ n + 1 }}</span></button>
            <p v-if="stepWrong(n)" class="lk-wrong" role="alert">{{ stepWrong(n) }}</p>
          </div>
        </div>
        <p v-if="errors.steps" class="lk-wrong" role="alert">{{ errors.steps }}</p>
        <button type="button" class="lk-btn" :disabled="form.steps.length >= 20" @click="addStep">${icon('plus')}Add a step</button>
        <footer class="lk-set-foot"><button type="submit" class="lk-btn lk-primary" :disabled="busy">Save</button><button type="button" class="lk-btn" @click="leave">Cancel</button><span class="lk-grow"></span><button v-if="form.id" ref="drop" type="button" class="lk-btn lk-danger" :disabled="busy" @click="drop">Delete</button></footer>
      </form>
      <lk-words ref="words" :icons="icons" :variables="variables" :order="order" @dropped="$refs.second?.focus()"/>
      <dialog ref="ask" class="lk-dialog lk-set-ask" role="dialog" aria-modal="true" aria-labelledby="lk-seq-cut">
        <template v-if="kept"><header><h2 id="lk-seq-cut">Delete {{ kept.name }}?</h2></header>
        <div class="lk-inside"><p>{{ losing }}</p></div></template>
        <footer><button type="button" class="lk-btn" @click="$refs.ask.close()">Keep it</button><button type="button" class="lk-btn lk-danger" @click="cut">Delete</button></footer>
      </dialog>
      <div class="lk-sr" role="status" aria-live="polite">{{ said }}</div>
    </div>`,

  props: { initial: String, icons: String },
  emits: ['order'],

  data() {
    const first = JSON.parse(this.initial);
    return { ...first, form: null, errors: {}, busy: false, said: '', channels: CHANNELS, kinds: KINDS, qualities: QUALITIES };
  },
  created() {
    this.after = after;
    [this.serial, this.keys, this.waiting] = [0, 0, new Map()];
  },

  computed: {
    // the sequence that is being edited, as the desk has it now
    kept() {
      return this.form && this.sequences.find((row) => row.id === this.form.id);
    },
    losing() {
      const { underWay, leads } = this.kept;
      const stop = underWay === 1 ? '1 lead is under way in it and stops here; its timeline says so. ' : `${underWay} leads are under way in it and stop here; their timelines say so. `;
      return `${underWay ? stop : ''}What it sent stays, and so do the tasks it made. The count of the ${leads === 1 ? '1 lead' : `${leads} leads`} it took up goes with it. This cannot be undone.`;
    },
  },

  methods: {
    // called by the server
    show(news) {
      Object.assign(this, news);
    },
    answered(number, answer) {
      this.waiting.get(number)?.(answer);
      this.waiting.delete(number);
    },
    order(name, values) {
      const number = ++this.serial;
      return new Promise((resolve) => {
        this.waiting.set(number, resolve);
        setTimeout(() => this.answered(number, { errors: { '': 'No answer came. Look whether it was done before you try again.' } }), 20000);
        this.$emit('order', { number, name, values });
      });
    },

    // done here
    channel: (value) => CHANNELS.find(([key]) => key === value)?.[1] || value,
    glyph: (value) => CHANNELS.find(([key]) => key === value)?.[2] || 'send',
    off(channel) {
      return !this.connected.includes(channel);
    },
    used(template) {
      const names = this.sequences.filter((row) => row.steps.some((step) => [step.templateId, step.outsideTemplateId].includes(template.id))).map((row) => row.name);
      return names.length ? `In ${names.join(', ')}` : 'In no sequence';
    },
    turn(row) {
      return this.order('turn', { id: row.id, on: !row.on, aloud: true });
    },
    edit(row) {
      this.errors = {};
      this.opener = row?.id || '';
      const steps = (row?.steps || []).map((step) => ({ ...step, key: ++this.keys, number: spelled(step.afterHours)[0], unit: spelled(step.afterHours)[1], outsideTemplateId: step.outsideTemplateId || '' }));
      this.form = { id: row?.id || '', was: row?.name || '', version: row?.version, name: row?.name || '', qualities: [...(row?.qualities || [])], locationIds: [...(row?.locationIds || [])], steps };
      if (!row) this.addStep();
      this.$nextTick(() => document.getElementById('lk-seq-name')?.focus());
    },
    addStep() {
      const last = this.form.steps.at(-1);
      this.form.steps.push({ key: ++this.keys, number: last ? (last.unit === 'days' ? last.number + 1 : 1) : 0, unit: last ? 'days' : 'hours', channel: 'email', templateId: this.templates.length === 1 ? this.templates[0].id : '', outsideTemplateId: '', businessHours: false, kind: 'call' });
    },
    wrong(n, field) {
      return this.errors[`steps.${n}.${field}`];
    },
    stepWrong(n) {
      const found = Object.entries(this.errors).find(([name]) => name === `steps.${n}` || name.startsWith(`steps.${n}.`));
      return found?.[1] || '';
    },
    leave() {
      this.form = null;
      this.$nextTick(() => (document.getElementById(`lk-seq-${this.opener}`) || this.$refs.first)?.focus());
    },
    // Nobody was in it: it goes at once, with an undo. Otherwise the dialog says first what stops.
    drop() {
      if (!this.kept) return this.leave();
      if (this.kept.leads) return this.$refs.ask.showModal();
      return this.cut();
    },
    async cut() {
      const { id, version, was } = this.form;
      const sure = this.$refs.ask.open;
      this.$refs.ask.close();
      [this.busy, this.errors] = [true, {}];
      const answer = await this.order('drop', { id, version, name: was, sure });
      this.busy = false;
      if (!answer?.ok) {
        this.errors = answer?.errors || { '': 'This did not work. Try again in a moment.' };
        return;
      }
      this.said = `${was} deleted`;
      this.leave();
    },
    async save() {
      const { id, version, name, qualities, locationIds, steps } = this.form;
      this.errors = {};
      steps.forEach((step, n) => {
        if (!step.templateId) this.errors[`steps.${n}.templateId`] = 'Choose a template; make one first if there is none.';
        if (!(step.number >= 0)) this.errors[`steps.${n}.afterHours`] = 'Say after how long.';
      });
      if (!name.trim()) this.errors.name = 'Give it a name.';
      if (Object.keys(this.errors).length) return this.toWrong();
      const told = steps.map((step) => ({ afterHours: step.number * HOURS[step.unit], channel: step.channel, templateId: step.templateId, outsideTemplateId: (!step.businessHours && step.channel !== 'task' && step.outsideTemplateId) || null, businessHours: step.businessHours, kind: step.kind }));
      this.busy = true;
      const answer = await this.order('save', { ...(id ? { id, version } : {}), name: name.trim(), qualities, locationIds, steps: told });
      this.busy = false;
      if (answer?.ok) {
        this.said = `${name.trim()} saved`;
        return this.leave();
      }
      this.errors = answer?.errors || { '': 'This did not work. Try again in a moment.' };
      this.toWrong();
    },
    toWrong() {
      this.$nextTick(() => this.$el.querySelector('[aria-invalid=true]')?.focus());
    },
  },
};
