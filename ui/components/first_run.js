// The first steps, one at a time; each can wait. What is done is what the rows say, whoever did it.
const icon = (name, more = '') => `<svg class="lk-i ${more}" aria-hidden="true"><use :href="icons + '#${name}'"/></svg>`;
const STEPS = [
  ['place', 'First location', 'Name and time zone'],
  ['hear', 'A place to hear about leads', 'Slack, a webhook or e-mail'],
  ['form', 'Put the form on your site', 'A few lines of HTML'],
  ['test', 'Send a test lead', 'See it arrive'],
];
const FOOT = (later, main) => `<div class="lk-wiz-foot"><button type="button" class="lk-btn lk-quiet lk-tall" v-if="at" @click="go(at - 1)">Back</button><span class="lk-grow"></span>
  ${later}${main}</div>`;
const LATER = '<button type="button" class="lk-btn lk-tall" @click="go(at + 1)">Do this later</button>';
const NEXT = '<button type="button" class="lk-btn lk-primary lk-tall" @click="go(at + 1)">Continue</button>';

export default {
  template: `
    <div class="lk-wiz">
      <header class="lk-bar"><h1>Set up this desk</h1><span class="lk-grow"></span><a class="lk-btn" href="/">Open the inbox</a></header>
      <div class="lk-wiz-scroll" tabindex="0" role="region" aria-label="Steps">
        <div class="lk-wiz-card">
          <aside aria-label="Progress">
            <ol class="lk-wiz-steps">
              <li data-ok>${icon('circle-check')}<span>Database</span><small>{{ database }}</small></li>
              <li data-ok>${icon('circle-check')}<span>Your account</span><small>{{ account }}</small></li>
              <li v-for="(each, n) in steps" :key="each[0]" :data-ok="ok(each[0]) ? '' : null" :aria-current="n === at ? 'step' : null">
                <svg class="lk-i" aria-hidden="true"><use :href="icons + (ok(each[0]) ? '#circle-check' : n === at ? '#circle-dot' : '#circle')"/></svg>
                <button type="button" @click="go(n)">{{ each[1] }}<span v-if="ok(each[0])" class="lk-sr">, done</span></button><small>{{ each[2] }}</small></li>
            </ol>
          </aside>
          <section ref="step" class="lk-wiz-step" tabindex="-1" :aria-label="steps[at][1]">
            <form v-if="step === 'place'" novalidate @submit.prevent="send('place', form)">
              <h2>Where do you work?</h2><p class="lk-lede">Leads belong to a location and are shown in its time.</p>
              <div class="lk-field"><label for="lk-w-name">Location name</label><input id="lk-w-name" v-model="form.name" maxlength="200" :aria-invalid="errors.name ? 'true' : null" aria-describedby="lk-w-name-e"><p id="lk-w-name-e" class="lk-wrong">{{ errors.name }}</p></div>
              <div class="lk-field"><label for="lk-w-zone">Time zone</label><select id="lk-w-zone" v-model="form.zone"><option v-for="zone in zones" :key="zone">{{ zone }}</option></select></div>
              <div class="lk-field"><label for="lk-w-region">Phone numbers without a country code are from</label><select id="lk-w-region" v-model="form.region"><option v-for="each in countries" :key="each[0]" :value="each[0]">{{ each[1] }}</option></select></div>
              <p class="lk-wrong" role="alert">{{ errors.form || errors.time_zone || errors.region }}</p>
              ${FOOT(LATER, '<button type="submit" class="lk-btn lk-primary lk-tall" :disabled="busy">Continue</button>')}
            </form>
            <form v-else-if="step === 'hear'" novalidate @submit.prevent="hear">
              <h2>Where do you hear about leads?</h2><p class="lk-lede">A lead is stored first, then told here at once. If this place is down, it is told later.</p>
              <ul v-if="rows.length" class="lk-wiz-rows"><li v-for="row in rows" :key="row.id"><b class="lk-grow lk-cut">{{ row.name }}</b><span v-if="row.paused" class="lk-chip" data-tone="amber">Paused</span><span v-else-if="row.good" class="lk-chip" data-tone="green">Working</span>
                <button type="button" class="lk-btn" :disabled="testing" @click="test(row.id)"><i v-if="testing === row.id" class="lk-spin" aria-hidden="true"></i>Test<span class="lk-sr"> {{ row.name }}</span></button></li></ul>
              <div v-if="result" class="lk-result" :data-tone="result.tone" role="status"><svg class="lk-i" aria-hidden="true"><use :href="icons + (result.tone === 'green' ? '#circle-check' : result.tone === 'amber' ? '#clock' : '#circle-x')"/></svg><div><b>{{ result.title }}</b> {{ result.text }}<span v-if="result.fix">{{ result.fix }}</span></div></div>
              <div v-if="made.secret" class="lk-once"><b>Copy the signing secret now. It is not shown again.</b><div><code class="lk-mono" tabindex="0">{{ made.secret }}</code><button type="button" class="lk-btn" @click="copy(made.secret, 'secret')">{{ copied === 'secret' ? 'Copied' : 'Copy' }}</button></div></div>
              <template v-if="!rows.length || mending || adding">
                <div v-if="!mending" class="lk-field"><span id="lk-w-kind" class="lk-w-label">Kind</span><div class="lk-tabs" role="group" aria-labelledby="lk-w-kind"><button v-for="kind in kinds" :key="kind.kind" type="button" :aria-pressed="place.kind === kind.kind ? 'true' : 'false'" @click="choose(kind)">{{ kind.label }}</button></div></div>
                <div v-for="field in fields" :key="field.name" class="lk-field"><label :for="'lk-w-' + field.name">{{ field.label }}</label>
                  <input :id="'lk-w-' + field.name" v-model="place.fields[field.name]" :type="field.hidden ? 'password' : 'text'" autocomplete="off" autocapitalize="none" spellcheck="false" :aria-invalid="errors[field.name] ? 'true' : null" :aria-describedby="'lk-w-e-' + field.name">
                  <p :id="'lk-w-e-' + field.name" :class="errors[field.name] ? 'lk-wrong' : 'lk-hint'">{{ errors[field.name] || field.help }}</p></div>
                <p class="lk-wrong" role="alert">{{ errors.form || errors.name }}</p>
              </template>
              <button v-else type="button" class="lk-btn" @click="another">${icon('plus', 'lk-i14')}Add another</button>
              ${FOOT(
                `<template v-if="!done.hear">${LATER}</template>`,
                `<button v-if="!rows.length || mending || adding" type="submit" class="lk-btn lk-tall" :class="{ 'lk-primary': !done.hear || adding }" :disabled="busy || !!testing"><i v-if="busy || testing" class="lk-spin" aria-hidden="true"></i>Save and test</button><template v-if="done.hear">${NEXT}</template>`,
              )}
            </form>
            <form v-else-if="step === 'form'" novalidate @submit.prevent="send('form', site)">
              <h2>Put the form on your site</h2><p class="lk-lede">A plain form, or one request from your own code. What visitors send is stored before anybody is told.</p>
              <template v-if="made.key">
                <p class="lk-hint">The key in it is for pages of your site only. It is shown this once; a new one can be made at any time.</p>
                <div v-for="each in snippets" :key="each.name" class="lk-snip"><div><b>{{ each.name }}</b><button type="button" class="lk-btn lk-small" @click="copy(each.text, each.name)">{{ copied === each.name ? 'Copied' : 'Copy' }}<span class="lk-sr"> {{ each.name }}</span></button></div><pre class="lk-mono" tabindex="0" role="region" :aria-label="each.name">{{ each.text }}</pre></div>
              </template>
              <template v-else>
                <p v-if="hint" class="lk-notice">${icon('info')}<span>There is a key already, ending in <span class="lk-mono">{{ hint }}</span>. It goes on working; a new one comes beside it.</span></p>
                <div class="lk-field"><label for="lk-w-site">Address of your site</label><input id="lk-w-site" v-model="site" type="url" inputmode="url" autocapitalize="none" spellcheck="false" placeholder="https://www.example.com" :aria-invalid="errors.site ? 'true' : null" aria-describedby="lk-w-site-e"><p id="lk-w-site-e" class="lk-wrong">{{ errors.site || errors.form }}</p></div>
              </template>
              ${FOOT(
                `<template v-if="!made.key && !done.form">${LATER}</template>`,
                `<button v-if="!made.key" type="submit" class="lk-btn lk-tall" :class="{ 'lk-primary': !done.form }" :disabled="busy">Make the snippet</button><template v-if="made.key || done.form">${NEXT}</template>`,
              )}
            </form>
            <div v-else>
              <h2>Send a test lead</h2><p class="lk-lede">It takes the way every lead takes, under your own e-mail address.</p>
              <ol v-if="story.length" class="lk-wiz-story" aria-live="polite"><li v-for="line in story" :key="line.id" :data-tone="line.tone"><svg class="lk-i lk-i14" aria-hidden="true"><use :href="icons + '#' + line.icon"/></svg><span class="lk-grow">{{ line.title }}</span><time v-if="line.at">{{ hms(line.at) }}</time></li></ol>
              <p v-if="leadId"><a class="lk-link" :href="'/leads/' + leadId">Open the lead</a></p>
              <p class="lk-wrong" role="alert">{{ errors.form || errors.email }}</p>
              ${FOOT(
                '<button type="button" class="lk-btn lk-tall" :class="{ \'lk-primary\': !leadId }" :disabled="busy" @click="send(\'lead\', null)">{{ leadId ? \'Send another\' : \'Send a test lead\' }}</button>',
                '<a class="lk-btn lk-tall" :class="{ \'lk-primary\': leadId }" href="/">Open the inbox</a>',
              )}
            </div>
          </section>
        </div>
      </div>
    </div>`,

  props: { initial: String, icons: String },

  data() {
    const state = JSON.parse(this.initial);
    return {
      ...state,
      ...{ steps: STEPS, at: Math.max(0, STEPS.findIndex(([key]) => key === state.start)), form: { ...state.place }, place: { kind: '', fields: {} } },
      ...{ errors: {}, busy: false, made: {}, copied: '', testing: null, result: null, mending: '', adding: false, leadId: '', story: [] },
    };
  },

  computed: {
    step() {
      return STEPS[this.at][0];
    },
    fields() {
      return (this.kinds.find((kind) => kind.kind === this.place.kind) || { fields: [] }).fields;
    },
    countries() {
      const names = new Intl.DisplayNames([document.documentElement.lang || 'en'], { type: 'region' });
      return this.regions.map((code) => [code, names.of(code)]).sort((a, b) => a[1].localeCompare(b[1]));
    },
    snippets() {
      const url = `${this.base || location.origin}/api/submit-contact`;
      const field = (name, label, more) => `  <label>${label} <input name="${name}" ${more}></label>`;
      const lines = [field('name', 'Name', 'autocomplete="name"'), field('email', 'E-mail', 'type="email" autocomplete="email" required'), field('phone', 'Phone', 'type="tel" autocomplete="tel"')];
      const html = [`<form method="post" action="${url}?key=${this.made.key}">`, ...lines, '  <label>Message <textarea name="message"></textarea></label>', '  <button>Send</button>', '</form>'];
      const curl = [`curl ${url}`, `-H 'X-Widget-Key: ${this.made.key}'`, "-d name='Ada Lovelace'", '-d email=ada@example.com', "-d message='Can you quote me for Friday?'"];
      return [{ name: 'HTML form', text: html.join('\n') }, { name: 'One request', text: curl.join(' \\\n  ') }];
    },
  },

  created() {
    this.hms = window.lk.hms;
    this.choose(this.kinds[0]);
    const here = new Intl.Locale(navigator.language).region; // a guess that is shown, and kept only when somebody continues
    if (this.start === 'place' && !this.done.hear && this.form.region === 'US' && this.regions.includes(here)) this.form.region = here;
  },

  methods: {
    // called by the server
    progress(state) {
      const { place, ...rest } = state;
      Object.assign(this, rest);
      this.named = place.name;
    },
    answered(step, errors, made) {
      [this.busy, this.errors] = [false, errors];
      const wrong = Object.keys(errors).length > 0;
      if (wrong) return this.$nextTick(() => this.$el.querySelector('[aria-invalid=true]')?.focus());
      Object.assign(this.made, made);
      if (step === 'place') this.go(1);
      if (step === 'hear') [this.mending, this.testing, this.adding] = [made.id, made.id, false];
    },
    tested(id, result) {
      [this.testing, this.result] = [null, result];
      const row = this.rows.find((each) => each.id === id);
      this.mending = result && result.tone === 'red' && row && !row.env ? id : '';
      if (this.mending) this.choose(this.kinds.find((kind) => kind.kind === row.kind), true);
    },
    follow(id, story) {
      [this.leadId, this.story, this.busy] = [id, story, false];
    },

    // done here
    ok(key) {
      return key === 'place' ? this.at > 0 || this.done.hear || this.done.form || this.done.test : this.done[key];
    },
    go(n) {
      [this.at, this.errors, this.busy] = [Math.min(STEPS.length - 1, Math.max(0, n)), {}, false];
      this.$nextTick(() => this.$refs.step.focus({ preventScroll: true }));
    },
    send(step, what) {
      [this.busy, this.errors] = [true, {}];
      this.$emit(step, what);
    },
    choose(kind, again = false) {
      if (!kind) return;
      this.place = { kind: kind.kind, fields: Object.fromEntries(kind.fields.map((field) => [field.name, ''])) };
      if (!again) this.errors = {};
    },
    another() {
      [this.adding, this.result, this.made] = [true, null, { ...this.made, secret: '' }];
      this.choose(this.kinds[0]);
    },
    hear() {
      [this.result, this.made] = [null, { ...this.made, secret: '' }];
      const mended = this.rows.find((row) => row.id === this.mending);
      const label = (this.kinds.find((kind) => kind.kind === this.place.kind) || {}).label;
      const taken = this.rows.filter((row) => row.name.startsWith(label)).length;
      this.send('hear', { ...this.place, id: mended ? mended.id : '', name: mended ? mended.name : taken ? `${label} ${taken + 1}` : label });
    },
    test(id) {
      [this.testing, this.result] = [id, null];
      this.$emit('test', id);
    },
    async copy(text, name) {
      this.copied = (await window.lk.copy(text)) ? name : '';
    },
  },
};
