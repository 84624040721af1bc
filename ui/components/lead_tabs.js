// The other tabs of a lead: its messages, its deliveries, and the data behind it.
const icon = (name, more = '') => `<svg class="lk-i ${more}" aria-hidden="true"><use :href="icons + '#${name}'"/></svg>`;
const times = {
  created() {
    const { when, full, hm, hms } = window.lk;
    const stamp = (ms) => (window.lk.day(ms) === 'Today' ? hms(ms) : `${window.lk.date(ms)}, ${hms(ms)}`);
    Object.assign(this, { when, full, hm, hms, stamp, iso: (ms) => new Date(ms).toISOString() });
  },
};

export const Messages = {
  mixins: [times],
  template: `
    <div class="lk-messages">
      <p v-if="!messages.length" class="lk-hint lk-none-yet">Nobody has written yet.</p>
      <article v-for="each in messages" :key="each.id" class="lk-bubble" :data-by="each.by">
        <p class="lk-who"><b>{{ each.who }}</b> {{ each.via }} <time :datetime="iso(each.at)" :title="full(each.at)">{{ when(each.at) }}</time></p>
        <p class="lk-words">{{ each.text }}</p>
        <p v-if="each.sent" class="lk-who"><span class="lk-chip" :data-tone="each.sent.tone"><i class="lk-pip" :data-m="each.sent.mark"></i>{{ each.sent.word }}</span> {{ each.sent.why }}</p>
      </article>
    </div>`,
  props: { messages: Array },
};

export const Deliveries = {
  mixins: [times],
  template: `
    <div>
      <p v-if="!rows.length" class="lk-hint lk-none-yet">No destination hears about this lead. It is kept all the same.</p>
      <div v-else class="lk-frame">
        <table class="lk-table">
          <caption class="lk-sr">Deliveries of this lead, newest first</caption>
          <thead><tr><th scope="col">Destination</th><th scope="col">State</th><th scope="col">Tries</th><th scope="col">What happened</th><th scope="col"><span class="lk-sr">Action</span></th></tr></thead>
          <tbody>
            <tr v-for="row in rows" :key="row.id" :data-delivery="row.id">
              <td>{{ row.name }}<span class="lk-meta">{{ row.event }}</span></td>
              <td class="lk-state-cell"><span class="lk-chip" :data-tone="row.tone"><i class="lk-pip" :data-m="row.mark"></i>{{ row.word }}</span></td>
              <td class="lk-num lk-tries">{{ row.tries }}</td>
              <td class="lk-why">{{ row.why }}<span v-if="row.advice" class="lk-meta">{{ row.advice }}</span><span v-if="happened(row)" class="lk-meta">{{ happened(row) }}</span></td>
              <td class="lk-act"><button v-if="row.retry && mayReplay" type="button" class="lk-btn lk-small" :title="'Send to ' + row.name + ' again, with the same key'" :disabled="busy.has(row.id)" @click="$emit('retry', row.id)">${icon('rotate-ccw', 'lk-i12')}Retry</button></td>
            </tr>
          </tbody>
        </table>
      </div>
    </div>`,
  props: { rows: Array, icons: String, mayReplay: Boolean, busy: Object },
  emits: ['retry'],
  methods: {
    happened(row) {
      if (row.next && row.next > window.lk.now()) return `Next try ${row.next - window.lk.now() < 3600000 ? this.hms(row.next) : this.when(row.next)}`;
      if (row.settled) return this.when(row.settled) + (row.reference ? `, reference ${row.reference}` : '');
      return '';
    },
  },
};

export const Data = {
  mixins: [times],
  template: `
    <div class="lk-data">
      <h2 class="lk-sect">What they told us</h2>
      <dl class="lk-facts"><template v-for="fact in facts" :key="fact.label"><dt>{{ fact.label }}</dt>
        <dd><a v-if="fact.link" class="lk-link" :href="fact.link" target="_blank" rel="noopener noreferrer nofollow">{{ fact.text }}</a><template v-else>{{ fact.text }}</template></dd></template></dl>
      <p v-if="!facts.length" class="lk-hint">Nothing beside the contact details and the message.</p>
      <h2 class="lk-sect">Receipts <span class="lk-count">{{ behind ? behind.receipts.length : '…' }}</span></h2>
      <template v-if="behind">
        <p v-if="again" class="lk-hint">{{ again === 1 ? 'One of them was the same form sent twice; nobody was told twice.' : again + ' of them were the same form sent again; nobody was told twice.' }}</p>
        <div v-for="each in behind.receipts" :key="each.id" class="lk-receipt">
          <p><span class="lk-proof">${icon('shield-check', 'lk-i14')}Kept <span class="lk-num">{{ stamp(each.at) }}</span></span> <span class="lk-hint">{{ each.outcome }} · {{ each.route }} · {{ each.size }}</span></p>
          <p class="lk-mono lk-signed" title="Signed receipt">{{ each.signed }}</p>
          <button type="button" class="lk-btn lk-small" :aria-expanded="texts[each.id] === undefined ? 'false' : 'true'" @click="toggle(each.id)">{{ texts[each.id] === undefined ? 'Show as it came' : 'Hide' }}</button>
          <pre v-if="texts[each.id] !== undefined" class="lk-mono" tabindex="0" role="region" aria-label="Submission as it came">{{ texts[each.id] }}</pre>
        </div>
        <template v-if="behind.merged.length">
          <h2 class="lk-sect">Merged into this lead <span class="lk-count">{{ behind.merged.length }}</span></h2>
          <p v-for="each in behind.merged" :key="each.id" class="lk-merged"><span class="lk-grow">{{ each.name }} <span class="lk-mono">{{ each.reference }}</span> <span class="lk-hint">by {{ each.by }}, {{ when(each.at) }}</span></span>
            <button v-if="mayWrite" type="button" class="lk-btn lk-small" @click="$emit('unmerge', each.id)">${icon('undo-2', 'lk-i12')}Undo merge</button></p>
        </template>
      </template>
      <p v-else class="lk-hint" role="status">Looking up the receipts</p>
    </div>`,
  props: { facts: Array, again: Number, version: Number, icons: String, mayWrite: Boolean, order: Function },
  emits: ['unmerge'],
  data: () => ({ behind: null, texts: {} }),
  mounted() {
    this.read();
  },
  watch: {
    version: 'read',
  },
  methods: {
    async read() {
      this.behind = (await this.order('behind', {})) || this.behind;
    },
    async toggle(id) {
      const { [id]: shown, ...rest } = this.texts;
      if (shown !== undefined) return (this.texts = rest);
      const answer = await this.order('raw', { receipt: id });
      if (answer) this.texts = { ...this.texts, [id]: answer.text };
    },
  },
};
