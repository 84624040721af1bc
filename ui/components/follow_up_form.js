// Two dialogs about follow-ups: one makes or changes one, the other asks what comes next when the last one of an open lead is done.
const icon = (name, more = 'lk-i14') => `<svg class="lk-i ${more}" aria-hidden="true"><use :href="icons + '#${name}'"/></svg>`;
export const KINDS = [['call', 'Call'], ['email', 'E-mail'], ['message', 'Message'], ['document', 'Document'], ['appointment', 'Appointment'], ['task', 'Task']];
const TITLES = { call: 'Call back', email: 'Send an e-mail', message: 'Send a message', document: 'Send the quote', appointment: 'Appointment', task: 'What is to be done' };
const REMINDERS = [['', 'None'], ['0', 'When it is due'], ['15', '15 minutes before'], ['60', '1 hour before'], ['1440', '1 day before']];
const LOST = ['Too expensive', 'Went to somebody else', 'Not what they need', 'Could not be reached', 'Not serious'];
const MINUTE = 60000;

// What a date-time field holds, in the visitor's own zone, and back.
export const local = (ms) => new Date(ms - new Date(ms).getTimezoneOffset() * MINUTE).toISOString().slice(0, 16);
const moment = (text) => (text ? new Date(text).toISOString() : '');

const FIELD = (name, label, inner, when = '') => `
  <div ${when} class="lk-field"><label for="lk-fu-${name}">${label}</label>${inner}
    <p v-if="errors.${name}" id="lk-fu-wrong-${name}" class="lk-wrong" role="alert">{{ errors.${name} }}</p></div>`;
const INVALID = (name) => `:aria-invalid="errors.${name} ? 'true' : null" :aria-describedby="errors.${name} ? 'lk-fu-wrong-${name}' : null"`;
const WHEN = `
  <input id="lk-fu-dueAt" v-model="form.due" type="datetime-local" :min="least" ${INVALID('dueAt')}>
  <div class="lk-fu-quick" role="group" aria-label="Often chosen"><button v-for="[name, at] in quick" :key="name" type="button" class="lk-btn lk-small" @click="form.due = local(at.getTime())">{{ name }}</button></div>`;

// Opening, sending and closing are the same in both.
const dialog = {
  props: { icons: String },
  data: () => ({ form: null, errors: {}, busy: false, quick: [], least: '' }),
  created() {
    this.local = local;
  },
  methods: {
    show(form) {
      this.opener = document.activeElement;
      [this.form, this.errors, this.busy] = [form, {}, false];
      [this.quick, this.least] = [window.lk.later(), local(window.lk.now())];
      this.$nextTick(() => {
        this.$refs.box.showModal();
        this.$refs.box.querySelector('[data-first]')?.focus();
      });
    },
    close() {
      this.$refs.box?.close();
    },
    gone() {
      this.form = null;
      if (this.opener?.isConnected) this.opener.focus({ preventScroll: true });
    },
    key(event) {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      this.close();
    },
    async hand(deed, values) {
      this.busy = true;
      const answer = await deed(values);
      this.busy = false;
      if (answer?.ok) return this.close();
      const names = { nextDueAt: 'dueAt', lostReason: 'own', outcome: '' };
      const wrong = answer?.errors || { '': 'This did not work. Try again in a moment.' };
      this.errors = Object.fromEntries(Object.entries(wrong).map(([name, text]) => [names[name] ?? name, text]));
      this.$nextTick(() => this.$refs.box?.querySelector('[aria-invalid=true]')?.focus());
    },
  },
};

// `add(lead)` with {id, name} or null when it has to be chosen; `change(task)`. `save(name, values)` gives back {ok} or {errors: {field: sentence}}.
export const Form = {
  mixins: [dialog],
  template: `
    <dialog v-if="form" ref="box" class="lk-top" role="dialog" aria-modal="true" :aria-label="title" @cancel.prevent="close" @close="gone" @keydown.stop="key" @pointerdown.self="close">
      <form class="lk-dialog lk-prompt" novalidate @submit.prevent="send">
        <header><h2>{{ title }}</h2></header>
        <div class="lk-inside">
          <p v-if="errors['']" class="lk-alert" role="alert">{{ errors[''] }}</p>
          <p v-if="form.lead && fixed" class="lk-hint lk-fu-for">For {{ form.lead.name }}</p>
          <div v-else class="lk-field lk-fu-lead"><label for="lk-fu-lead">Lead</label>
            <input id="lk-fu-lead" data-first v-model="text" type="text" role="combobox" autocomplete="off" placeholder="Name, address or number" aria-autocomplete="list" aria-controls="lk-fu-found" :aria-expanded="found.length ? 'true' : 'false'"
              :aria-activedescendant="found.length ? 'lk-fu-at-' + at : null" ${INVALID('leadId')} @input="look" @keydown="walk">
            <ul id="lk-fu-found" class="lk-fu-found" role="listbox" aria-label="Leads" v-show="found.length"><li v-for="(each, n) in found" :id="'lk-fu-at-' + n" :key="each.id" role="option" :aria-selected="n === at ? 'true' : 'false'" @pointerdown.prevent="take(each)"><b>{{ each.name }}</b><span class="lk-hint lk-cut">{{ each.note }}</span></li></ul>
            <p v-if="errors.leadId" id="lk-fu-wrong-leadId" class="lk-wrong" role="alert">{{ errors.leadId }}</p></div>
          <div class="lk-pair lk-fu-what">
            ${FIELD('kind', 'Kind', '<select id="lk-fu-kind" v-model="form.kind"><option v-for="[value, name] in kinds" :key="value" :value="value">{{ name }}</option></select>')}
            ${FIELD('title', 'What', `<input id="lk-fu-title" :data-first="fixed ? '' : null" v-model="form.title" type="text" maxlength="200" autocomplete="off" :placeholder="titles[form.kind]" ${INVALID('title')}>`)}
          </div>
          ${FIELD('dueAt', 'When', WHEN)}
          <div :class="{ 'lk-pair': !form.task }">
            ${FIELD('remindAt', 'Reminder', `<select id="lk-fu-remindAt" v-model="form.remind" ${INVALID('remindAt')}><option v-for="[value, name] in reminders" :key="value" :value="value">{{ name }}</option></select>`)}
            ${FIELD('ownerId', 'Owner', `<select id="lk-fu-ownerId" v-model="form.owner" ${INVALID('ownerId')}><option v-if="!form.owner" value="">Nobody yet</option><option v-for="each in people" :key="each.id" :value="each.id">{{ each.name }}{{ each.id === me ? ' (you)' : '' }}</option></select>`, 'v-if="!form.task"')}
          </div>
          ${FIELD('note', 'Note', `<textarea id="lk-fu-note" v-model="form.note" rows="2" maxlength="10000" ${INVALID('note')}></textarea>`)}
        </div>
        <footer><button type="button" class="lk-btn" @click="close">Cancel</button><button type="submit" class="lk-btn lk-primary" :disabled="busy">{{ form.task ? 'Save' : 'Add follow-up' }}</button></footer>
      </form>
    </dialog>`,

  props: { people: Array, me: String, save: Function, find: Function },
  data: () => ({ fixed: false, text: '', found: [], at: 0, kinds: KINDS, titles: TITLES }),
  computed: {
    title() {
      return this.form.task ? 'Change the follow-up' : 'New follow-up';
    },
    reminders() {
      const known = REMINDERS.some(([value]) => value === this.form.remind);
      return known ? REMINDERS : [...REMINDERS, [this.form.remind, `${this.form.remind} minutes before`]];
    },
  },
  unmounted() {
    clearTimeout(this.timer);
  },
  methods: {
    add(lead) {
      [this.fixed, this.text, this.found] = [!!lead, '', []];
      const due = this.soon();
      this.show({ task: null, lead, kind: 'call', title: '', note: '', due: local(due), remind: '', owner: lead?.owner || this.me });
    },
    change(task) {
      [this.fixed, this.text, this.found] = [true, '', []];
      const remind = task.remind ? String(Math.round((task.due - task.remind) / MINUTE)) : '';
      this.show({ task, lead: { id: task.leadId, name: task.lead }, kind: task.kind, title: task.title, note: task.note, due: local(task.due), remind });
    },
    // The next full half hour at least an hour from now.
    soon: () => Math.ceil((window.lk.now() + 3600000) / 1800000) * 1800000,
    look() {
      this.form.lead = null;
      clearTimeout(this.timer);
      this.timer = setTimeout(async () => {
        const text = this.text.trim();
        const found = text ? await this.find(text) : [];
        if (this.text.trim() === text) [this.found, this.at] = [found || [], 0];
      }, 120);
    },
    take(lead) {
      [this.form.lead, this.text, this.found, this.errors.leadId] = [lead, lead.name, [], ''];
      if (!this.form.owner && lead.owner) this.form.owner = lead.owner;
      this.$nextTick(() => document.getElementById('lk-fu-title')?.focus());
    },
    walk(event) {
      if (!this.found.length) return;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) this.at = (this.at + step + this.found.length) % this.found.length;
      else if (event.key === 'Enter') this.take(this.found[this.at]);
      else return;
      event.preventDefault();
    },
    send() {
      const { task, lead, kind, title, note, due, remind, owner } = this.form;
      this.errors = {};
      if (!lead) this.errors.leadId = 'Choose the lead it is about.';
      if (!due) this.errors.dueAt = 'Choose a date and a time.';
      if (!title.trim() && kind === 'task') this.errors.title = 'Say in a few words what is to be done.';
      if (Object.keys(this.errors).length) return this.$nextTick(() => this.$refs.box.querySelector('[aria-invalid=true]')?.focus());
      const reminder = remind === '' ? '' : new Date(new Date(due).getTime() - remind * MINUTE).toISOString();
      // What was not touched stays to the second: the field knows minutes only.
      const at = task && due === local(task.due) ? new Date(task.due).toISOString() : moment(due);
      const values = { kind, title: title.trim() || TITLES[kind], note, dueAt: at, remindAt: reminder || null };
      this.hand((all) => this.save(task ? 'change' : 'create', all), task ? { ...values, id: task.id, version: task.version } : { ...values, leadId: lead.id, ownerId: owner || null });
    },
  },
};

// `ask(task, send)`: a new date or an outcome; `send(values)` completes with what was chosen.
export const Outcome = {
  mixins: [dialog],
  template: `
    <dialog v-if="form" ref="box" class="lk-top" role="dialog" aria-modal="true" :aria-label="title" @cancel.prevent="close" @close="gone" @keydown.stop="key" @pointerdown.self="close">
      <form class="lk-dialog lk-prompt" novalidate @submit.prevent="send">
        <header><h2>{{ title }}</h2></header>
        <div class="lk-inside">
          <p class="lk-hint lk-fu-for">“{{ form.task.title }}” was the last follow-up of this open lead. No lead is left without a next date or an outcome.</p>
          <p v-if="errors['']" class="lk-alert" role="alert">{{ errors[''] }}</p>
          <div class="lk-fu-next" role="radiogroup" aria-label="What comes next"><label v-for="[value, name, note] in ways" :key="value" class="lk-fu-way"><input v-model="form.way" type="radio" name="lk-fu-way" :value="value" :data-first="value === 'next' ? '' : null"><span><b>{{ name }}</b><small>{{ note }}</small></span></label></div>
          <template v-if="form.way === 'next'">
            ${FIELD('title', 'What', `<input id="lk-fu-title" v-model="form.title" type="text" maxlength="200" autocomplete="off" ${INVALID('title')}>`)}
            ${FIELD('dueAt', 'When', WHEN)}
          </template>
          <div v-else-if="form.way === 'lost'" class="lk-pair">
            ${FIELD('reason', 'Reason', '<select id="lk-fu-reason" v-model="form.reason"><option v-for="each in reasons" :key="each">{{ each }}</option></select>')}
            ${FIELD('own', 'In your own words', `<input id="lk-fu-own" v-model="form.own" type="text" maxlength="240" autocomplete="off" ${INVALID('own')}>`)}
          </div>
        </div>
        <footer><button type="button" class="lk-btn" @click="close">Not yet done</button><button type="submit" class="lk-btn lk-primary" :disabled="busy">Done</button></footer>
      </form>
    </dialog>`,

  data: () => ({
    reasons: [...LOST, 'Something else'],
    ways: [
      ['next', 'Another follow-up', 'The lead stays open, with a new date'],
      ['won', 'Won', 'The lead is closed as won'],
      ['lost', 'Lost', 'The lead is closed, and you say why'],
      ['closed', 'Neither', 'The lead is closed, its stage stays'],
    ],
  }),
  computed: {
    title() {
      return `What comes next with ${this.form.task.lead}?`;
    },
  },
  methods: {
    ask(task, send) {
      this.deed = send;
      const due = local(window.lk.later().find(([name]) => name === 'Tomorrow')[1].getTime());
      this.show({ task, way: 'next', title: task.title, due, reason: LOST[0], own: '' });
    },
    send() {
      const { way, title, due, reason, own } = this.form;
      this.errors = {};
      if (way === 'next') {
        if (!due) return (this.errors = { dueAt: 'Choose a date and a time.' });
        return this.hand(this.deed, { next: { title: title.trim() || this.form.task.title, dueAt: moment(due) } });
      }
      if (way !== 'lost') return this.hand(this.deed, { outcome: way });
      const said = own.trim() ? (reason === 'Something else' ? own.trim() : `${reason}: ${own.trim()}`) : reason;
      if (said === 'Something else') return (this.errors = { own: 'Say in a few words why.' });
      return this.hand(this.deed, { outcome: 'lost', reason: said });
    },
  },
};
