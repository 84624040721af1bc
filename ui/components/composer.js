// Where an agent writes: an e-mail to the customer or a note for the team. What is typed lives in the browser until it is sent.
const icon = (name, more = '') => `<svg class="lk-i ${more}" aria-hidden="true"><use :href="icons + '#${name}'"/></svg>`;
const APPLE = /Mac|iP(hone|ad|od)/.test(navigator.platform);
const PATIENCE = 15000; // ms until an order that nobody answered counts as unknown

export default {
  template: `
    <form class="lk-composer" aria-label="Write" @submit.prevent="send">
      <p v-if="channel && channel.why" class="lk-cannot">${icon('info', 'lk-i14')}<span>{{ channel.why }} <a v-if="settings && !channel.ready" class="lk-link" :href="settings">Open settings</a></span></p>
      <p v-if="unsure" class="lk-cannot" role="status">${icon('circle-alert', 'lk-i14')}<span>The connection was lost while this was being sent. Look at the timeline before you send it again.</span></p>
      <div class="lk-write" :data-mode="mode" :data-on="draft[mode] ? '' : null">
        <label :for="'lk-text-' + lead" class="lk-sr">{{ placeholder }}</label>
        <textarea :id="'lk-text-' + lead" ref="text" rows="1" maxlength="10000" :placeholder="placeholder" :readonly="sending"
          :disabled="channel && !channel.ready" :value="draft[mode] || ''" @input="typed" @keydown="key"></textarea>
        <div class="lk-tools">
          <div class="lk-modes" role="group" aria-label="What to write">
            <button v-for="each in modes" :key="each.kind" type="button" :aria-pressed="mode === each.kind ? 'true' : 'false'" @click="choose(each.kind, true)">
              <svg class="lk-i lk-i14" aria-hidden="true"><use :href="icons + '#' + each.icon"/></svg>{{ each.name }}<i v-if="mode !== each.kind && draft[each.kind]" class="lk-has"><span class="lk-sr">, has a draft</span></i></button>
          </div>
          <span class="lk-grow lk-cut lk-hint">{{ hint }}</span>
          <button type="submit" class="lk-btn lk-primary" :disabled="!ready"><span>{{ label }}</span><kbd v-if="!down && !sending" class="lk-hide-s" aria-hidden="true">{{ keys }}</kbd></button>
        </div>
      </div>
    </form>`,

  props: { lead: String, name: String, person: String, channels: Array, settings: String, down: Boolean, icons: String, order: Function },

  data() {
    const draft = window.lkDrafts.read(this.person, this.lead);
    return { draft, mode: draft.mode || this.first(), sending: false, unsure: false, kept: true };
  },

  computed: {
    modes: (vm) => [...vm.channels.map((each) => ({ kind: each.kind, name: each.name, icon: 'mail' })), { kind: 'note', name: 'Note', icon: 'sticky-note' }],
    channel: (vm) => vm.channels.find((each) => each.kind === vm.mode),
    first_name: (vm) => vm.name.split(' ')[0],
    placeholder: (vm) => (vm.mode === 'note' ? 'Write a note for your team' : `Write to ${vm.first_name} by ${vm.channel?.name.toLowerCase() || 'e-mail'}`),
    hint: (vm) => (!vm.kept ? 'This browser keeps no drafts' : vm.channel?.ready ? vm.channel.to : vm.mode === 'note' ? 'Only your team sees it' : ''),
    label: (vm) => (vm.sending ? 'Sending' : vm.down ? 'Waiting for the connection' : vm.mode === 'note' ? 'Add note' : 'Send'),
    ready: (vm) => !vm.down && !vm.sending && !!(vm.draft[vm.mode] || '').trim() && (!vm.channel || vm.channel.ready),
    keys: () => (APPLE ? '⌘↵' : 'Ctrl ↵'),
  },

  mounted() {
    this.grow();
  },
  watch: {
    channels() {
      if (!this.modes.some((each) => each.kind === this.mode)) this.mode = this.first();
    },
  },

  methods: {
    first() {
      return this.channels.find((each) => each.ready)?.kind || 'note';
    },
    // called by the lead view
    focus(kind) {
      if (kind === 'reply') kind = (this.channels.find((each) => each.ready) || this.channels[0])?.kind || 'note';
      this.choose(kind);
      this.$nextTick(() => (this.$refs.text.disabled ? this.$el.querySelector('a, .lk-modes [aria-pressed="true"]') : this.$refs.text)?.focus());
    },
    // what the timeline shows arrived, whatever became of the answer
    arrived(texts) {
      if (this.unsure && texts.includes((this.draft[this.mode] || '').trim())) this.clear(this.mode);
    },

    choose(kind, focus) {
      this.mode = kind;
      this.unsure = false;
      this.keep();
      this.$nextTick(() => {
        this.grow();
        if (focus && !this.$refs.text.disabled) this.$refs.text.focus();
      });
    },
    typed(event) {
      this.draft = { ...this.draft, [this.mode]: event.target.value };
      this.unsure = false;
      this.keep();
      this.grow();
    },
    keep() {
      this.kept = window.lkDrafts.write(this.person, this.lead, { ...this.draft, mode: this.mode });
    },
    clear(mode) {
      const draft = { ...this.draft };
      delete draft[mode];
      [this.draft, this.unsure] = [draft, false];
      this.keep();
      this.$nextTick(this.grow);
    },
    grow() {
      const el = this.$refs.text;
      if (!el) return;
      el.style.height = 'auto';
      el.style.height = `${Math.min(el.scrollHeight, Math.max(96, innerHeight * 0.34))}px`;
    },
    key(event) {
      if (event.key === 'Escape') {
        event.stopPropagation();
        this.$refs.text.blur();
      } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        this.send();
      }
    },
    async send() {
      if (!this.ready) return;
      const mode = this.mode;
      this.sending = true;
      const answer = await this.order('write', { mode, text: this.draft[mode] }, PATIENCE);
      this.sending = false;
      if (answer?.ok) {
        this.clear(mode);
        this.$emit('sent', mode);
      } else {
        this.unsure = answer?.lost === true;
      }
    },
  },
  emits: ['sent'],
};
