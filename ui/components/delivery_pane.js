// One delivery: its head is drawn from the row at once, the rest when the server has read it. On phones it stands instead of the table.
const icon = (name, more = 'lk-i14') => `<svg class="lk-i ${more}" aria-hidden="true"><use :href="icons + '#${name}'"/></svg>`;

export default {
  template: `
    <aside class="lk-dpane" aria-label="Delivery" tabindex="0">
      <div v-if="!row" class="lk-state">
        <span class="lk-glyph"><svg class="lk-i" aria-hidden="true"><use :href="icons + '#send'"/></svg></span>
        <h2>Pick a delivery</h2>
        <p><span class="lk-key">J</span> and <span class="lk-key">K</span> move through the list, <span class="lk-key">X</span> selects.</p>
      </div>
      <template v-else>
        <header>
          <button type="button" class="lk-btn lk-quiet lk-square lk-dback" title="Back to the list" @click="back">${icon('arrow-left', '')}<span class="lk-sr">Back to the list</span></button>
          <span class="lk-chip" :data-tone="row.tone">{{ row.word }}</span><span class="lk-grow"></span>
          <button v-if="whole" type="button" class="lk-btn" @click="copy">${icon('copy')}{{ copied ? 'Copied' : 'Copy' }}</button>
          <button v-if="replay && row.can && !row.decide" type="button" class="lk-btn lk-primary" :disabled="busy" @click="act('replay')">${icon('rotate-ccw')}Replay</button>
        </header>
        <h2 ref="head" tabindex="-1">{{ row.name }}, <a v-if="row.leadId" class="lk-link" :href="'/leads/' + row.leadId">{{ row.lead }}</a><template v-else>{{ row.test ? 'test' : 'no lead' }}</template></h2>
        <template v-if="whole">
          <p class="lk-dreason">{{ whole.reason }}</p><p v-if="whole.advice" class="lk-dadvice">{{ whole.advice }}</p>
          <section v-if="row.decide && replay" class="lk-decide" aria-label="Decide">
            <div><button type="button" class="lk-btn" :disabled="busy" @click="act('replay')">Send again</button><span>With the same key. If it did arrive, it arrives twice.</span></div>
            <div><button type="button" class="lk-btn" :disabled="busy" @click="act('sent')">Mark as sent</button><span>You looked, and it arrived. Nothing is sent.</span></div>
            <div><button type="button" class="lk-btn" :disabled="busy" @click="act('resolve')">Resolve</button><span>Nobody needs it any more. Nothing is sent.</span></div>
          </section>
          <section>
            <h3>Tries</h3>
            <p v-if="!whole.log.length" class="lk-hint">Not tried yet.</p>
            <ol v-else class="lk-tries-log"><li v-for="each in whole.log" :key="each.at"><i class="lk-pip" :data-m="each.good ? 'done' : 'dead'"></i><time class="lk-num" :title="full(each.at)">{{ time(each.at) }}</time><span class="lk-grow" :title="each.excerpt">{{ each.text }}</span><span class="lk-num lk-took">{{ each.took }}</span></li></ol>
          </section>
          <section>
            <h3>Event</h3>
            <dl class="lk-facts">
              <dt>Type</dt><dd class="lk-mono">{{ row.event }}</dd>
              <template v-if="whole.eventId"><dt>Event ID</dt><dd class="lk-mono">{{ whole.eventId }}</dd></template>
              <dt>Idempotency</dt><dd><span class="lk-mono">{{ whole.key }}</span><span class="lk-hint">A replay uses the same key.</span></dd>
              <dt>Kept</dt><dd class="lk-num" :title="full(whole.kept)">{{ exact(whole.kept) }}</dd>
              <template v-if="whole.settled"><dt>Ended</dt><dd class="lk-num" :title="full(whole.settled)">{{ exact(whole.settled) }}</dd></template>
              <template v-if="whole.expires"><dt>Tried until</dt><dd class="lk-num">{{ when(whole.expires) }}</dd></template>
              <template v-if="whole.reference"><dt>Reference</dt><dd class="lk-mono">{{ whole.reference }}</dd></template>
              <template v-if="whole.generation > 1"><dt>Copy</dt><dd>number {{ whole.generation - 1 }}, the original is unchanged</dd></template>
            </dl>
          </section>
          <section v-if="!row.test">
            <h3>Payload</h3>
            <pre ref="payload" class="lk-mono lk-payload" tabindex="0" role="region" aria-label="Payload">{{ whole.payload }}</pre>
          </section>
          <footer v-if="replay && !row.test">
            <button v-if="!row.decide && row.end" type="button" class="lk-btn lk-quiet" :disabled="busy" title="Not sent again, in your name" @click="act('resolve')">Resolve</button>
            <button type="button" class="lk-btn lk-quiet" :disabled="busy" title="A copy, to an imitated receiver; this one stays as it is" @click="act('sandbox')">Send to sandbox</button>
          </footer>
        </template>
        <div v-else class="lk-bone" aria-hidden="true"><i></i><i></i><i></i></div>
      </template>
    </aside>`,

  props: { replay: Boolean, icons: String },
  data: () => ({ row: null, detail: null, busy: false, copied: false, minute: 0 }),

  computed: {
    whole() {
      return this.detail && this.row && this.detail.id === this.row.id ? this.detail : null;
    },
  },

  created() {
    const { full, hms, hm } = window.lk;
    const ms = (at) => String(at % 1000).padStart(3, '0');
    const today = (at) => window.lk.day(at) === 'Today';
    Object.assign(this, { full, when: (at) => (this.minute, window.lk.when(at)) });
    this.time = (at) => (today(at) ? hms(at) : `${window.lk.date(at)} ${hm(at)}`);
    this.exact = (at) => (today(at) ? `${hms(at)}.${ms(at)}` : `${window.lk.date(at)}, ${hms(at)}`);
    window.addEventListener('lk:delivery', this.begin);
    window.addEventListener('lk:delivery-acted', this.acted);
  },
  unmounted() {
    window.removeEventListener('lk:delivery', this.begin);
    window.removeEventListener('lk:delivery-acted', this.acted);
  },

  methods: {
    // called by the server
    show(detail) {
      if (this.row && this.row.id === detail.id) [this.row, this.detail] = [detail, Object.freeze(detail)];
    },

    begin(event) {
      const { row, focus } = event.detail;
      if (this.row?.id !== row.id) this.$el.scrollTop = 0;
      [this.row, this.copied] = [row, false];
      if (focus) this.$nextTick(() => this.$refs.head?.focus());
    },
    acted() {
      this.busy = false;
    },
    act(what) {
      this.busy = true;
      this.$emit('act', { what, ids: [this.row.id] });
    },
    back: () => window.dispatchEvent(new CustomEvent('lk:delivery-close')),
    async copy() {
      try {
        await navigator.clipboard.writeText(this.whole.payload);
        this.copied = true;
      } catch {
        // Without the right to the clipboard the text is marked, for Ctrl C.
        getSelection().selectAllChildren(this.$refs.payload);
      }
    },
  },
};
