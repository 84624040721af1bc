// What came in and was not understood: the list, and beside it the open one with its fields to mend and the words as they came.
const icon = (name, more = '') => `<svg class="lk-i ${more}" aria-hidden="true"><use :href="icons + '#${name}'"/></svg>`;
const PHONE = matchMedia('(max-width: 820px)');

export default {
  template: `
    <section class="lk-quar" aria-label="Quarantine" :data-open="current || lead ? 'yes' : null">
      <header class="lk-bar">
        <button v-if="current || lead" type="button" class="lk-btn lk-quiet lk-square lk-q-back" title="Back to the list" @click="close">${icon('arrow-left')}<span class="lk-sr">Back to the list</span></button>
        <h1>Quarantine</h1>
        <span v-if="total_" class="lk-count">{{ total_ }} {{ total_ === 1 ? 'waits' : 'wait' }}</span>
        <span class="lk-grow"></span>
        <span class="lk-hint lk-hide-s">Kept word for word, shown to people only</span>
      </header>
      <div v-if="rows.length || current || lead" class="lk-q-cols">
        <div class="lk-q-list">
          <div class="lk-q-head" aria-hidden="true"><span>When</span><span>Came through</span><span>Who</span><span>What is wrong</span></div>
          <q-virtual-scroll v-if="rows.length" class="lk-scroll" role="group" aria-label="Submissions" tabindex="0" :items="items" :virtual-scroll-item-size="size" @virtual-scroll="scrolled">
            <template #default="{ item }">
              <div v-if="item.bone" :key="item.bone" class="lk-bone" aria-hidden="true"><i></i><i></i></div>
              <button v-else :key="item.id" type="button" class="lk-q-row" :data-id="item.id" :aria-current="item.id === current ? 'true' : null" @click="pick(item.id)">
                <span class="lk-num" :title="full(item.at)">{{ when(item.at) }}</span>
                <span class="lk-cut">{{ item.from }}</span>
                <span class="lk-cut lk-q-who">{{ who(item) }}</span>
                <span class="lk-cut lk-q-what">{{ item.what }}</span>
              </button>
            </template>
          </q-virtual-scroll>
          <div v-else class="lk-state"><span class="lk-glyph">${icon('check-check')}</span><h2>Nothing waits here</h2><p>Every submission was understood.</p></div>
        </div>
        <div ref="side" class="lk-q-side" tabindex="-1" role="region" :aria-label="lead ? 'Now a lead' : 'The open submission'">
          <div v-if="lead" class="lk-state">
            <span class="lk-glyph">${icon('check')}</span><h2>{{ known ? 'Added to a lead' : 'It is a lead now' }}</h2>
            <p>{{ known ? 'This person was known: the words are on their timeline.' : 'It went the way of every lead: kept, announced, on the clock.' }}</p>
            <a class="lk-btn" :href="'/leads/' + lead">Open the lead</a>
          </div>
          <div v-else-if="!current" class="lk-state"><span class="lk-glyph">${icon('mail-open')}</span><h2>Nothing is open</h2><p>Pick a submission to read and mend it.</p></div>
          <div v-else-if="!whole" class="lk-bones" role="status"><span class="lk-sr">Loading</span><div v-for="n in 3" :key="n" class="lk-bone" aria-hidden="true"><i></i><i></i><i></i></div></div>
          <template v-else>
            <div class="lk-q-top"><span class="lk-chip" data-tone="amber">Not understood</span><span class="lk-hint">{{ full(whole.at) }}</span></div>
            <h2 class="lk-q-title">{{ who(whole) }}</h2>
            <p class="lk-why">{{ whole.what }}. {{ edit ? 'Mend what is marked, then make it a lead. The words stay as they came.' : 'Your role can look, somebody else can mend it.' }}</p>
            <p v-for="hint in whole.hints" :key="hint" class="lk-hint lk-q-tip">{{ hint }}</p>
            <form class="lk-q-form" novalidate @submit.prevent="release">
              <div v-for="[name, label, type] in fields" :key="name" class="lk-field">
                <label :for="'lk-q-' + name">{{ label }}</label>
                <textarea v-if="type === 'long'" :id="'lk-q-' + name" v-model="form[name]" rows="5" :readonly="!edit" :aria-invalid="errors[name] ? 'true' : null" :aria-describedby="errors[name] ? 'lk-qe-' + name : null"></textarea>
                <input v-else :id="'lk-q-' + name" v-model="form[name]" type="text" :inputmode="type" autocomplete="off" autocapitalize="none" spellcheck="false" :readonly="!edit" :aria-invalid="errors[name] ? 'true' : null" :aria-describedby="errors[name] ? 'lk-qe-' + name : null">
                <p v-if="errors[name]" :id="'lk-qe-' + name" class="lk-wrong">{{ sentence(errors[name]) }}</p>
              </div>
              <p v-for="text in others" :key="text" class="lk-wrong" role="alert">{{ text }}</p>
              <div v-if="edit" class="lk-q-foot">
                <button type="submit" class="lk-btn lk-primary" :disabled="busy">Make it a lead</button>
                <button type="button" class="lk-btn" :disabled="busy" @click="dismiss('not_qualified')">Not a lead</button>
                <button type="button" class="lk-btn lk-quiet" :disabled="busy" @click="dismiss('spam')">Spam</button>
              </div>
            </form>
            <h3 class="lk-sect">As it came</h3>
            <pre class="lk-q-raw" tabindex="0" role="region" aria-label="The submission as it came">{{ whole.raw }}</pre>
            <h3 class="lk-sect">Where it came from</h3>
            <dl class="lk-facts">
              <dt>Through</dt><dd>{{ whole.from }}</dd>
              <template v-if="whole.key"><dt>Widget key</dt><dd>{{ whole.key }}</dd></template>
              <dt>Type</dt><dd class="lk-mono">{{ whole.type }}</dd>
              <template v-for="[name, text] in whole.headers" :key="name"><dt>{{ name }}</dt><dd>{{ text }}</dd></template>
              <dt>Receipt</dt><dd class="lk-mono">{{ whole.receipt }}</dd>
            </dl>
          </template>
        </div>
      </div>
      <div v-else class="lk-state">
        <span class="lk-glyph">${icon('check-check')}</span><h2>Nothing waits here</h2>
        <p>What cannot be understood is kept here word for word until somebody reads it. Every submission was understood.</p>
      </div>
      <div class="lk-sr" role="status" aria-live="polite">{{ said }}</div>
    </section>`,

  props: { initial: String, total: Number, more: Boolean, edit: Boolean, icons: String },

  data() {
    return {
      ...{ rows: Object.freeze(JSON.parse(this.initial || '[]')), total_: this.total, rest: this.more, asked: false, size: PHONE.matches ? 76 : 37 },
      ...{ current: null, whole: null, lead: null, known: false, form: {}, errors: {}, busy: false, said: '' },
      fields: [['name', 'Name', 'text'], ['email', 'E-mail', 'email'], ['phone', 'Phone', 'tel'], ['message', 'Message', 'long']],
    };
  },

  computed: {
    items() {
      return this.rest ? [...this.rows, { bone: 'bone' }] : this.rows;
    },
    others() {
      const shown = this.fields.map(([name]) => name);
      return Object.entries(this.errors).filter(([name]) => !shown.includes(name)).map(([, text]) => this.sentence(text));
    },
  },

  created() {
    this.when = (ms) => window.lk.when(ms);
    this.full = (ms) => window.lk.full(ms);
  },
  mounted() {
    PHONE.addEventListener('change', this.resize);
    window.addEventListener('lk:key', this.key);
  },
  unmounted() {
    PHONE.removeEventListener('change', this.resize);
    window.removeEventListener('lk:key', this.key);
  },

  methods: {
    // called by the server
    show(rows, total, more) {
      if (total > this.total_) this.said = 'Another submission waits';
      [this.rows, this.total_, this.rest, this.asked] = [Object.freeze(rows), total, more, false];
      if (this.current && !rows.some((row) => row.id === this.current) && !more && !this.busy) this.leave('Somebody has dealt with this submission.');
    },
    append(rows, more) {
      const known = new Set(this.rows.map((row) => row.id));
      [this.rows, this.rest, this.asked] = [Object.freeze([...this.rows, ...rows.filter((row) => !known.has(row.id))]), more, false];
    },
    open(id, whole) {
      if (id !== this.current) return;
      if (!whole) {
        this.leave('This submission waits no longer.');
        return;
      }
      [this.whole, this.form, this.errors] = [whole, { ...whole.fields }, { ...whole.wrong }];
      this.$nextTick(() => {
        this.$refs.side.scrollTop = 0;
        if (PHONE.matches) this.$refs.side.focus({ preventScroll: true });
      });
    },
    refused(errors) {
      [this.busy, this.errors] = [false, errors];
      this.$nextTick(() => this.$el.querySelector('.lk-q-form [aria-invalid=true]')?.focus());
    },
    released(id, lead, known) {
      this.gone(id);
      [this.lead, this.known] = [lead, known];
    },
    gone(id) {
      this.rows = Object.freeze(this.rows.filter((row) => row.id !== id));
      this.total_ = Math.max(0, this.total_ - 1);
      if (this.current === id) this.leave('');
    },

    // done here
    sentence: (text) => text.charAt(0).toUpperCase() + text.slice(1),
    who: (row) => row.name || row.email || row.phone || 'No name',
    resize() {
      this.size = PHONE.matches ? 76 : 37;
    },
    pick(id) {
      if (id === this.current) return;
      [this.current, this.whole, this.lead, this.errors, this.busy] = [id, null, null, {}, false];
      this.$emit('pick', id);
    },
    leave(said) {
      [this.current, this.whole, this.lead, this.errors, this.busy, this.said] = [null, null, null, {}, false, said];
    },
    close() {
      const id = this.current;
      this.leave('');
      this.$nextTick(() => this.$el.querySelector(`[data-id="${id}"]`)?.focus());
    },
    release() {
      [this.busy, this.errors] = [true, {}];
      this.$emit('release', this.current, { ...this.form });
    },
    dismiss(outcome) {
      this.busy = true;
      this.$emit('dismiss', this.current, outcome);
    },
    scrolled({ to }) {
      if (!this.rest || this.asked || to < this.rows.length - 12) return;
      this.asked = true;
      this.$emit('more');
    },
    key(event) {
      const step = { next: 1, previous: -1 }[event.detail.name];
      if (!step || !this.rows.length) return;
      const at = this.rows.findIndex((row) => row.id === this.current);
      const row = this.rows[Math.min(this.rows.length - 1, Math.max(0, at === -1 ? 0 : at + step))];
      this.pick(row.id);
      this.$nextTick(() => this.$el.querySelector(`[data-id="${row.id}"]`)?.focus());
    },
  },
};
