// Keys of other systems and of web pages. A new key is here only while its dialog is open.
const icon = (name, more = '') => `<svg class="lk-i ${more}" aria-hidden="true"><use :href="icons + '#${name}'"/></svg>`;
const TABLE = (list, kind, head) => `
  <div v-if="${list}.length" class="lk-frame"><table class="lk-table">
    <thead><tr><th scope="col">Key</th><th scope="col">${head}</th><th scope="col">Made</th><th scope="col">State</th><th scope="col"><span class="lk-sr">Revoke</span></th></tr></thead>
    <tbody><tr v-for="row in ${list}" :key="row.id" :data-key="row.id" :data-off="row.state ? 'yes' : null">
      <td><b>{{ row.name }}</b><span class="lk-meta lk-mono">{{ row.hint }}</span></td>
      <td>{{ row.what }}<span v-if="row.place || row.limit" class="lk-meta">{{ [row.place && 'Only ' + row.place, row.limit && 'At most ' + row.limit].filter(Boolean).join(', ') }}</span></td>
      <td class="lk-num"><span :title="full(row.created)">{{ date(row.created) }}</span></td>
      <td><span v-if="row.state" class="lk-chip">{{ row.state }}</span><span v-else-if="row.environment" class="lk-chip" title="Set by ADMIN_API_KEY; take it out there and restart to end it">From environment</span>
        <span v-else-if="row.until" class="lk-chip" :title="full(row.until)">Until {{ date(row.until) }}</span><span v-else class="lk-chip" data-tone="green">Works</span></td>
      <td class="lk-act"><button v-if="!row.state && !row.environment" type="button" class="lk-btn" @click="ask('${kind}', row)">Revoke<span class="lk-sr"> {{ row.name }}</span></button></td>
    </tr></tbody>
  </table></div>`;

export default {
  template: `
    <div class="lk-acc">
      <header class="lk-set-head">
        <div><h2>API keys</h2><p>For other systems. A key may do what it was made for and nothing else. Each is shown once; after that only its end is listed.</p></div>
        <button ref="api" type="button" class="lk-btn lk-primary" @click="start('api')">${icon('plus', 'lk-i14')}Make an API key</button>
      </header>
      ${TABLE('api', 'api', 'May')}
      <div v-if="!api.length" class="lk-state lk-set-empty"><span class="lk-glyph">${icon('key-round')}</span><h3 class="lk-h">No API keys</h3><p>Other systems hand leads in and read them with a key of their own.</p></div>
      <header class="lk-set-head">
        <div><h2>Widget keys</h2><p>For the forms and chats of your web pages. Anybody can read one in the page, so it only takes leads in, and only from the origins it names.</p></div>
        <button type="button" class="lk-btn" @click="start('widget')">${icon('plus', 'lk-i14')}Make a widget key</button>
      </header>
      ${TABLE('widget', 'widget', 'Pages of')}
      <div v-if="!widget.length" class="lk-state lk-set-empty"><span class="lk-glyph">${icon('code')}</span><h3 class="lk-h">No widget keys</h3><p>A form on your site needs one, so that nobody else can use it.</p></div>

      <dialog ref="dialog" class="lk-dialog lk-ask" role="dialog" aria-modal="true" aria-labelledby="lk-k-title" @close="closed">
        <header><h2 id="lk-k-title">{{ title }}</h2></header>
        <div v-if="ending" class="lk-inside"><p>Whatever uses <b>{{ ending.row.name }}</b> ({{ ending.row.hint }}) is refused from that moment. This cannot be undone; a new key can be made.</p></div>
        <div v-else-if="text" class="lk-inside">
          <div class="lk-once"><b>Copy the key now. It is not shown again.</b>
            <div><code class="lk-mono" tabindex="0">{{ text }}</code><button ref="copy" type="button" class="lk-btn" @click="copy('key', text)">{{ copied === 'key' ? 'Copied' : 'Copy' }}</button></div></div>
          <div class="lk-snip"><div><b>{{ kind === 'api' ? 'Try it' : 'A form for your page' }}</b><button type="button" class="lk-btn" @click="copy('snippet', snippet)">{{ copied === 'snippet' ? 'Copied' : 'Copy' }}<span class="lk-sr"> the snippet</span></button></div>
            <pre tabindex="0" role="region" aria-label="Snippet">{{ snippet }}</pre></div>
        </div>
        <form v-else-if="kind" id="lk-key" class="lk-inside" novalidate @submit.prevent="send">
          <div class="lk-field"><label for="lk-k-name">Name</label><input id="lk-k-name" ref="first" v-model="form.name" type="text" autocomplete="off" maxlength="200" :placeholder="kind === 'api' ? 'Website forms' : 'Shop site'" :aria-invalid="errors.name ? 'true' : null" :aria-describedby="errors.name ? 'lk-ke-name' : null"><p v-if="errors.name" id="lk-ke-name" class="lk-wrong">{{ sentence(errors.name) }}</p></div>
          <fieldset v-if="kind === 'api'" :aria-describedby="errors.scopes ? 'lk-ke-scopes' : null"><legend>It may</legend><div class="lk-acc-scopes">
            <label v-for="each in scopes" :key="each.key" class="lk-check"><input v-model="form.scopes" type="checkbox" :value="each.key"><span>{{ each.name }}<small>{{ each.about }}</small></span></label></div>
            <p v-if="errors.scopes" id="lk-ke-scopes" class="lk-wrong" role="alert">{{ sentence(errors.scopes) }}</p></fieldset>
          <div v-else class="lk-field"><label for="lk-k-origins">Web origins, one per line</label><textarea id="lk-k-origins" v-model="form.origins" rows="3" spellcheck="false" placeholder="https://shop.example" :aria-invalid="errors.origins ? 'true' : null" aria-describedby="lk-ke-origins"></textarea><p id="lk-ke-origins" :class="errors.origins ? 'lk-wrong' : 'lk-hint'">{{ errors.origins ? sentence(errors.origins) : 'What stands before the first single slash of your pages.' }}</p></div>
          <div class="lk-pair">
            <div v-if="places.length > 1" class="lk-field"><label for="lk-k-place">Location</label><select id="lk-k-place" v-model="form.place"><option value="">{{ kind === 'api' ? 'All' : 'The default one' }}</option><option v-for="place in places" :key="place.id" :value="place.id">{{ place.name }}</option></select></div>
            <div v-if="kind === 'api'" class="lk-field"><label for="lk-k-life">Works for</label><select id="lk-k-life" v-model="form.life"><option value="">As long as it is not revoked</option><option value="30">30 days</option><option value="90">90 days</option><option value="365">A year</option></select></div>
            <div class="lk-field"><label for="lk-k-limit">Rate limit</label><input id="lk-k-limit" v-model="form.limit" type="text" autocomplete="off" spellcheck="false" placeholder="600/minute" :aria-invalid="errors.rate_limit ? 'true' : null" :aria-describedby="errors.rate_limit ? 'lk-ke-limit' : null"><p v-if="errors.rate_limit" id="lk-ke-limit" class="lk-wrong">{{ sentence(errors.rate_limit) }}</p></div>
          </div>
          <p v-if="errors.form" class="lk-wrong" role="alert">{{ errors.form }}</p>
        </form>
        <footer>
          <template v-if="ending"><button ref="keep" type="button" class="lk-btn" @click="$refs.dialog.close()">Keep it</button><button type="button" class="lk-btn lk-danger" @click="revoke">Revoke</button></template>
          <button v-else-if="text" type="button" class="lk-btn lk-primary" @click="$refs.dialog.close()">Done</button>
          <template v-else><button type="button" class="lk-btn" @click="$refs.dialog.close()">Cancel</button><button type="submit" form="lk-key" class="lk-btn lk-primary" :disabled="busy">Make it</button></template>
        </footer>
      </dialog>
    </div>`,

  props: { initial: String, base: String, icons: String },

  data() {
    const { api, widget, scopes, places } = JSON.parse(this.initial);
    return { ...{ api, widget, scopes, places, kind: null, form: {}, errors: {}, busy: false, text: '', copied: '', ending: null } };
  },

  computed: {
    title() {
      if (this.ending) return 'Revoke this key?';
      if (this.text) return `${this.form.name} is ready`;
      return this.kind === 'widget' ? 'New widget key' : 'New API key';
    },
    snippet() {
      const desk = this.base || location.origin;
      if (this.kind === 'api') return `curl ${desk}/api/submit-contact \\\n  -H 'Authorization: Bearer ${this.text}' \\\n  -H 'Content-Type: application/json' \\\n  -d '{"name": "Ada", "email": "ada@example.com", "message": "Please call me."}'`;
      return `<form method="post" action="${desk}/api/intake/contact?key=${this.text}">\n  <label>Name <input name="name" autocomplete="name"></label>\n  <label>E-mail <input name="email" type="email" autocomplete="email"></label>\n  <label>Phone <input name="phone" type="tel" autocomplete="tel"></label>\n  <label>Message <textarea name="message"></textarea></label>\n  <button>Send</button>\n</form>`;
    },
  },

  created() {
    this.full = (ms) => window.lk.full(ms);
    this.date = (ms) => window.lk.date(ms);
  },

  methods: {
    // called by the server
    show(api, widget) {
      [this.api, this.widget] = [api, widget];
    },
    made(text) {
      if (!this.$refs.dialog.open) return; // closed meanwhile: the key stands in the list and can be revoked
      [this.busy, this.errors, this.text, this.copied] = [false, {}, text, ''];
      this.$nextTick(() => this.$refs.copy?.focus());
    },
    refused(errors) {
      [this.busy, this.errors] = [false, errors];
      this.$nextTick(() => this.$refs.dialog.querySelector('[aria-invalid=true]')?.focus());
    },

    // done here
    sentence: (text) => text.charAt(0).toUpperCase() + text.slice(1),
    start(kind) {
      [this.kind, this.errors, this.busy, this.text, this.ending] = [kind, {}, false, '', null];
      this.form = { name: '', scopes: kind === 'api' ? ['intake'] : [], origins: '', place: '', life: '', limit: '' };
      this.$refs.dialog.showModal();
      this.$nextTick(() => this.$refs.first?.focus());
    },
    send() {
      [this.busy, this.errors] = [true, {}];
      this.$emit(this.kind === 'widget' ? 'makeWidget' : 'make', { ...this.form, scopes: [...this.form.scopes] });
    },
    async copy(what, text) {
      if (await window.lk.copy(text)) this.copied = what;
    },
    closed() {
      [this.kind, this.text, this.copied, this.ending, this.form] = [null, '', '', null, {}];
    },
    ask(kind, row) {
      this.ending = { kind, row };
      this.$refs.dialog.showModal();
      this.$nextTick(() => this.$refs.keep?.focus());
    },
    revoke() {
      this.$emit('revoke', this.ending.kind, this.ending.row.id);
      this.$refs.dialog.close();
    },
  },
};
