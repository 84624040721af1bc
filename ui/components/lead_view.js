// One lead: who it is, the proof that it is kept, its timeline, its deliveries. The server shows changes by `show`, never by rebuilding.
const icon = (name, more = '') => `<svg class="lk-i ${more}" aria-hidden="true"><use :href="icons + '#${name}'"/></svg>`;

export default {
  template: `
    <article class="lk-view" :aria-label="lead.name">
      <div class="lk-main">
        <header class="lk-head">
          <a class="lk-btn lk-quiet lk-square lk-back" href="/" title="Back to the inbox">${icon('arrow-left')}<span class="lk-sr">Back to the inbox</span></a>
          <span class="lk-av lk-av34" :data-av="lead.tint" aria-hidden="true">{{ lead.initials }}</span>
          <div class="lk-grow">
            <h1>{{ lead.name }}</h1>
            <p class="lk-sub"><span class="lk-heat" :data-q="lead.quality" aria-hidden="true"><i></i><i></i><i></i></span><span>{{ word(lead.quality) }}</span>
              <template v-if="lead.wants"><span aria-hidden="true">·</span><span class="lk-cut">{{ lead.wants }}</span></template></p>
            <p v-if="lead.replied === null && lead.due !== null" class="lk-sla lk-narrow" :data-due="lead.due" :data-span="lead.span"><span class="lk-ring" aria-hidden="true"></span><span data-clock></span><span class="lk-hint">to first reply</span></p>
          </div>
          <a v-if="lead.call" class="lk-btn" :href="lead.call" :aria-label="'Call ' + lead.phone">${icon('phone', 'lk-i14')}<span class="lk-hide-s" aria-hidden="true">Call</span></a>
          <a v-if="lead.email" class="lk-btn" :href="'mailto:' + lead.email" :aria-label="'E-mail ' + lead.email">${icon('mail', 'lk-i14')}<span class="lk-hide-s" aria-hidden="true">E-mail</span></a>
        </header>
        <div class="lk-kept">
          <span class="lk-proof" :title="full(lead.kept)">${icon('shield-check', 'lk-i14')}<span>Kept <span class="lk-num">{{ stamp(lead.kept) }}</span></span></span>
          <span v-for="pip in lead.pips" :key="pip.name" :title="pip.word"><i class="lk-pip" :data-m="pip.mark" role="img" :aria-label="pip.word"></i><span>{{ pip.name }}</span></span>
          <span class="lk-mono" title="Lead number">{{ lead.reference }}</span>
        </div>
        <div class="lk-body" ref="body" tabindex="0" role="region" aria-label="Timeline and deliveries">
          <p v-if="lead.twins.length" class="lk-notice">${icon('copy')}<span>This may be a person you know already:
            <template v-for="(twin, n) in lead.twins" :key="twin">{{ n ? ', ' : '' }}<a class="lk-link" :href="'/leads/' + twin">look at the other lead</a></template>. Nothing was merged.</span></p>
          <template v-for="day in days" :key="day.name">
            <h2 class="lk-day">{{ day.name }}</h2>
            <ol>
              <li v-for="entry in day.entries" :key="entry.id" class="lk-entry" :data-tone="entry.tone">
                <span class="lk-mark"><svg class="lk-i lk-i14" aria-hidden="true"><use :href="icons + '#' + entry.icon"/></svg></span>
                <div :class="{ 'lk-fail': entry.failed }">
                  <div class="lk-what"><b>{{ entry.title }}</b><template v-if="entry.event">, event <span class="lk-mono">{{ entry.event }}</span></template></div>
                  <div v-if="entry.note" class="lk-note">{{ entry.note }}</div>
                  <div v-if="entry.said" class="lk-said"><span v-if="entry.who" class="lk-who"><b>{{ entry.who }}</b></span>{{ entry.said }}</div>
                </div>
                <time :datetime="iso(entry.at)" :title="full(entry.at)">{{ entry.exact ? hms(entry.at) : hm(entry.at) }}</time>
              </li>
            </ol>
          </template>
          <span ref="end"></span>
          <h2 class="lk-sect">Deliveries <span class="lk-count">{{ lead.deliveries.length }}</span></h2>
          <p v-if="!lead.deliveries.length" class="lk-hint">No destination hears about this lead. It is kept all the same.</p>
          <div v-else class="lk-frame">
            <table class="lk-table">
              <caption class="lk-sr">Deliveries of this lead, newest first</caption>
              <thead><tr><th scope="col">Destination</th><th scope="col">State</th><th scope="col">Tries</th><th scope="col">What happened</th><th scope="col"><span class="lk-sr">Action</span></th></tr></thead>
              <tbody>
                <tr v-for="row in lead.deliveries" :key="row.id" :data-delivery="row.id">
                  <td>{{ row.name }}<span class="lk-meta">{{ row.event }}</span></td>
                  <td class="lk-state-cell"><span class="lk-chip" :data-tone="row.tone"><i class="lk-pip" :data-m="row.mark"></i>{{ row.word }}</span></td>
                  <td class="lk-num lk-tries">{{ row.tries }}</td>
                  <td class="lk-why">{{ row.why }}<span v-if="row.advice" class="lk-meta">{{ row.advice }}</span><span v-if="happened(row)" class="lk-meta">{{ happened(row) }}</span></td>
                  <td class="lk-act"><button v-if="row.retry" type="button" class="lk-btn lk-small" :title="'Send to ' + row.name + ' again, with the same key'" :disabled="busy.has(row.id)" @click="retry(row)">${icon('rotate-ccw', 'lk-i12')}Retry</button></td>
                </tr>
              </tbody>
            </table>
          </div>
        </div>
      </div>
      <aside class="lk-aside" aria-label="Details" tabindex="0">
        <section v-if="lead.due !== null || lead.replied !== null">
          <h2>{{ lead.replied === null ? 'First reply due' : 'First reply' }}</h2>
          <div v-if="lead.replied === null" class="lk-clock" :data-due="lead.due" :data-span="lead.span">
            <strong><span data-clock></span><span>of {{ clock(lead.span) }} · {{ lead.quality }}</span></strong><span class="lk-track" aria-hidden="true"><i></i></span>
            <span class="lk-hint">Due {{ when(lead.due * 1000) }}</span>
          </div>
          <div v-else class="lk-clock" :class="{ 'lk-done': lead.inTime }" :data-tone="lead.inTime ? null : 'red'">
            <strong><span class="lk-big">{{ clock(lead.replied) }}</span><span>{{ lead.inTime ? 'Replied in time' : 'Replied late' }}</span></strong></div>
        </section>
        <section v-if="lead.reason">
          <h2>Why {{ lead.quality }}</h2>
          <p class="lk-why">{{ lead.reason }}</p>
        </section>
        <section>
          <h2>Contact</h2>
          <dl class="lk-facts">
            <template v-if="lead.phone"><dt>Phone</dt><dd><a class="lk-mono" :href="lead.call">{{ lead.phone }}</a></dd></template>
            <template v-if="lead.email"><dt>E-mail</dt><dd><a :href="'mailto:' + lead.email">{{ lead.email }}</a></dd></template>
            <dt>Owner</dt><dd><span v-if="lead.owner"><span class="lk-av" :data-av="lead.ownerTint" aria-hidden="true">{{ lead.ownerInitials }}</span>{{ lead.owner }}</span><template v-else>Nobody yet</template></dd>
            <dt>Location</dt><dd>{{ lead.location }}</dd>
            <dt>Status</dt><dd>{{ lead.status }}</dd>
            <dt>Stage</dt><dd>{{ lead.stage }}</dd>
          </dl>
        </section>
        <section>
          <h2>Where they came from</h2>
          <dl class="lk-facts">
            <dt>Source</dt><dd>{{ lead.source }}</dd>
            <template v-for="fact in lead.facts" :key="fact.label"><dt>{{ fact.label }}</dt>
              <dd><a v-if="fact.link" class="lk-link" :href="fact.link" target="_blank" rel="noopener noreferrer nofollow">{{ fact.text }}</a><template v-else>{{ fact.text }}</template></dd></template>
          </dl>
        </section>
      </aside>
    </article>`,

  props: { initial: String, clockMs: Number, icons: String },

  data() {
    return { lead: Object.freeze(JSON.parse(this.initial)), busy: new Set(), minute: 0 };
  },

  computed: {
    days() {
      const out = [];
      for (const entry of this.lead.timeline) {
        const name = window.lk.day(entry.at);
        if (out.at(-1)?.name !== name) out.push({ name, entries: [] });
        out.at(-1).entries.push(entry);
      }
      return out;
    },
  },

  created() {
    const { when, full, hm, hms, clock } = window.lk;
    Object.assign(this, { full, hm, hms, clock, when: (ms) => (this.minute, when(ms)) });
    this.iso = (ms) => new Date(ms).toISOString();
    this.word = (text) => text.charAt(0).toUpperCase() + text.slice(1);
    this.stamp = (ms) => (window.lk.day(ms) === 'Today' ? hms(ms) : `${window.lk.date(ms)}, ${hms(ms)}`);
  },

  mounted() {
    window.lk.sync(this.clockMs);
    this.timer = setInterval(() => (this.minute = Math.floor(window.lk.now() / 60000)), 5000);
    document.addEventListener('keydown', this.key);
    const body = this.$refs.body;
    if (body.scrollHeight > body.clientHeight) this.$refs.end.scrollIntoView({ block: 'end' });
  },
  unmounted() {
    document.removeEventListener('keydown', this.key);
    clearInterval(this.timer);
  },

  methods: {
    // called by the server
    show(lead) {
      const body = this.$refs.body;
      const atEnd = this.$refs.end.getBoundingClientRect().top - body.getBoundingClientRect().bottom;
      this.lead = Object.freeze(lead);
      this.busy = new Set([...this.busy].filter((id) => lead.deliveries.some((row) => row.id === id && row.retry)));
      if (Math.abs(atEnd) < 4) this.$nextTick(() => this.$refs.end.scrollIntoView({ block: 'end' }));
    },
    settled(id) {
      this.busy = new Set([...this.busy].filter((each) => each !== id));
    },

    happened(row) {
      if (row.next && row.next > window.lk.now()) return `Next try ${row.next - window.lk.now() < 3600000 ? this.hms(row.next) : this.when(row.next)}`;
      if (row.settled) return this.when(row.settled) + (row.reference ? `, reference ${row.reference}` : '');
      return '';
    },
    retry(row) {
      this.busy = new Set([...this.busy, row.id]);
      this.$emit('retry', row.id);
    },
    key(event) {
      if (event.key === 'Escape' && !window.lk.busy(event)) location.assign('/');
    },
  },
};
