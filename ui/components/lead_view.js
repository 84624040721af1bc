// One lead: who it is, the proof that it is kept, its tabs, what can be done about it. The server shows changes by `show`, never by rebuilding.
import { composer, follow_up_form, lead_choice, lead_compare as Compare, lead_deeds as deeds, lead_details as details, lead_tabs, lead_timeline as timeline } from 'lead_parts';

const { Form, Outcome } = follow_up_form;
const { Menu, Sheet } = lead_choice;
const { Data, Deliveries, Messages } = lead_tabs;

const icon = (name, more = '') => `<svg class="lk-i ${more}" aria-hidden="true"><use :href="icons + '#${name}'"/></svg>`;
const WIDE = matchMedia('(min-width: 1280px)');

export default {
  mixins: [deeds],
  components: { 'lk-composer': composer, 'lk-details': details, 'lk-timeline': timeline, 'lk-compare': Compare, 'lk-menu-at': Menu, 'lk-sheet': Sheet, 'lk-messages': Messages, 'lk-deliveries': Deliveries, 'lk-data': Data, 'lk-fu-form': Form, 'lk-fu-outcome': Outcome },

  template: `
    <article class="lk-view" :class="{ 'lk-none': !lead }" :aria-label="lead ? lead.name : null" :data-lead="lead ? lead.id : null">
      <template v-if="lead">
      <div class="lk-main">
        <div class="lk-topbar">
          <a class="lk-btn lk-quiet lk-square lk-back" href="/" title="Back to the inbox">${icon('arrow-left')}<span class="lk-sr">Back to the inbox</span></a>
          <div class="lk-tablist" role="tablist" aria-label="Parts of this lead" @keydown="tabKey">
            <button v-for="each in tabs" :key="each.name" :id="'lk-tab-' + each.name" type="button" role="tab" :aria-selected="tab === each.name ? 'true' : 'false'" :tabindex="tab === each.name ? 0 : -1"
              aria-controls="lk-panel" @click="turn(each.name)">{{ each.label }}<span v-if="each.bad" class="lk-bad">{{ each.bad }}<span class="lk-sr"> failed</span></span></button>
          </div>
          <span class="lk-grow"></span>
          <span v-if="others.length" class="lk-others" :title="watching"><span v-for="each in others.slice(0, 3)" :key="each.name" class="lk-av" :data-av="each.tint" aria-hidden="true">{{ each.initials }}</span></span>
          <button type="button" class="lk-btn lk-quiet lk-square lk-wide-only" title="Previous lead  [" @click="step(-1)">${icon('chevron-left')}<span class="lk-sr">Previous lead</span></button>
          <button type="button" class="lk-btn lk-quiet lk-square lk-wide-only" title="Next lead  ]" @click="step(1)">${icon('chevron-right')}<span class="lk-sr">Next lead</span></button>
          <button v-if="mayWrite" ref="more" type="button" class="lk-btn lk-quiet lk-square" aria-haspopup="true" aria-expanded="false" title="More" @click="openMore">${icon('ellipsis')}<span class="lk-sr">More</span></button>
        </div>
        <header class="lk-head">
          <span class="lk-av lk-av34" :data-av="lead.tint" aria-hidden="true">{{ lead.initials }}</span>
          <div class="lk-grow">
            <h1>{{ lead.name }}</h1>
            <p class="lk-sub"><span class="lk-heat" :data-q="lead.quality" aria-hidden="true"><i></i><i></i><i></i></span><span>{{ lead.qualityWord }}</span>
              <template v-if="lead.wants"><span aria-hidden="true">·</span><span class="lk-cut">{{ lead.wants }}</span></template></p>
          </div>
          <a v-if="lead.call" ref="call" class="lk-btn" :href="lead.call" :title="'Call ' + lead.phone + '  P'" @click="(calling = mayWrite), (meeting = false)">${icon('phone', 'lk-i14')}<span class="lk-tight">Call</span></a>
          <button v-if="mayWrite" ref="meet" type="button" class="lk-btn" :aria-expanded="meeting ? 'true' : 'false'" title="Log a meeting  M" @click="askMet">${icon('users', 'lk-i14')}<span class="lk-tight">Met</span></button>
          <button v-if="mayWrite && lead.status !== 'closed'" ref="snooze" type="button" class="lk-btn" aria-haspopup="true" aria-expanded="false" title="Snooze  S" @click="openSnooze">${icon('alarm-clock', 'lk-i14')}<span class="lk-tight">Snooze</span></button>
          <button v-if="mayWrite && lead.status === 'closed'" type="button" class="lk-btn" @click="deed('reopen')">${icon('undo-2', 'lk-i14')}<span>Reopen</span></button>
          <p v-if="running" class="lk-sla lk-narrow" :data-due="lead.due" :data-span="lead.span"><span class="lk-ring" aria-hidden="true"></span><span data-clock></span><span class="lk-hint">to first reply</span></p>
        </header>
        <div class="lk-kept" role="group" aria-label="Kept, and who was told" :tabindex="wide ? null : 0">
          <span class="lk-proof" :title="full(lead.kept)">${icon('shield-check', 'lk-i14')}<span>Kept <span class="lk-num">{{ stamp(lead.kept) }}</span></span></span>
          <span v-for="pip in lead.pips" :key="pip.name" :title="pip.word"><i class="lk-pip" :data-m="pip.mark" role="img" :aria-label="pip.word"></i><span>{{ pip.name }}</span></span>
          <span class="lk-mono" title="Lead number">{{ lead.reference }}</span>
        </div>
        <div v-if="calling" class="lk-call" role="group" aria-label="The call"><span class="lk-grow">Reached them?</span>
          <button ref="reached" type="button" class="lk-btn lk-small" @click="called(true)">Yes</button><button type="button" class="lk-btn lk-small" @click="called(false)">No</button>
          <button type="button" class="lk-btn lk-quiet lk-square lk-tiny" title="I did not call" @click="calling = false">${icon('x', 'lk-i14')}<span class="lk-sr">I did not call</span></button></div>
        <div v-if="meeting" class="lk-call" role="group" aria-label="The meeting" @keydown.esc.stop.prevent="met(false)"><span class="lk-grow">Did you meet {{ lead.name }} in person?{{ running ? ' It counts as the first reply.' : '' }}</span>
          <button ref="met" type="button" class="lk-btn lk-small" @click="met(true)">Log the meeting</button>
          <button type="button" class="lk-btn lk-quiet lk-square lk-tiny" title="We did not meet" @click="met(false)">${icon('x', 'lk-i14')}<span class="lk-sr">We did not meet</span></button></div>
        <p v-if="meanwhile" class="lk-meanwhile">${icon('user-round', 'lk-i14')}<span class="lk-grow">{{ meanwhile }}</span><button type="button" class="lk-btn lk-quiet lk-square lk-tiny" title="Seen" @click="meanwhile = ''">${icon('x', 'lk-i14')}<span class="lk-sr">Seen</span></button></p>
        <div id="lk-panel" ref="body" class="lk-body" role="tabpanel" tabindex="0" :aria-labelledby="'lk-tab-' + tab">
          <div v-if="tab === 'timeline'">
            <p v-if="others.length" class="lk-here">{{ watching }}</p>
            <div v-for="twin in lead.twins" :key="twin.id" class="lk-notice">${icon('copy')}<span class="lk-grow">This may be the same person as <a class="lk-link" :href="'/leads/' + twin.id">{{ twin.name }}</a>.</span>
              <button v-if="mayWrite" type="button" class="lk-btn lk-small" @click="compare(twin.id)">Compare</button></div>
            <lk-timeline :key="lead.id" :entries="lead.timeline" :icons="icons" :may-replay="mayReplay" :busy="busy" @retry="retry"/>
          </div>
          <lk-messages v-else-if="tab === 'messages'" :messages="lead.messages"/>
          <lk-deliveries v-else-if="tab === 'deliveries'" :rows="lead.deliveries" :icons="icons" :may-replay="mayReplay" :busy="busy" @retry="retry"/>
          <lk-data v-else-if="tab === 'data'" :key="lead.id" :facts="lead.facts" :again="lead.again" :version="lead.changed" :icons="icons" :may-write="mayWrite" :order="order" @unmerge="deed('unmerge', { merge: $event })"/>
          <lk-details v-else v-bind="decided" @owner="openOwner" @place="openPlace" @status="openStatus" @stage="openStage" @quality="openQuality" @vehicle="askVehicle" @step="openStep" @done="endStep" @add="addStep"></lk-details>
        </div>
        <lk-composer v-if="mayWrite" v-show="tab === 'timeline' || tab === 'messages'" :key="lead.id" ref="composer" :lead="lead.id" :name="lead.name" :person="me" :channels="lead.channels" :settings="lead.settings" :down="down" :icons="icons" :order="order" @sent="toEnd"/>
      </div>
      <aside v-if="wide" class="lk-aside" aria-label="Details" tabindex="0">
        <lk-details v-bind="decided" @owner="openOwner" @place="openPlace" @status="openStatus" @stage="openStage" @quality="openQuality" @vehicle="askVehicle" @step="openStep" @done="endStep" @add="addStep"></lk-details>
      </aside>
      <lk-menu-at ref="menu" :icons="icons"/>
      <lk-sheet ref="sheet"/>
      <lk-fu-form v-if="mayWrite" ref="follow" :people="lead.people" :me="me" :icons="icons" :save="(name, values) => order('follow-up.' + name, values)"/><lk-fu-outcome v-if="mayWrite" ref="outcome" :icons="icons"/>
      <lk-compare v-if="mayWrite" ref="compare" :icons="icons" :order="order" @merge="merged"/>
      <div class="lk-sr" role="status" aria-live="polite">{{ said }}</div>
      </template>
    </article>`,

  props: { initial: String, clockMs: Number, icons: String, me: String, mayWrite: Boolean, mayReplay: Boolean },

  data() {
    const lead = this.initial ? Object.freeze(JSON.parse(this.initial)) : null;
    return { lead, tab: 'timeline', busy: new Set(), minute: 0, others: [], wide: WIDE.matches, down: false, calling: false, meeting: false, said: '', meanwhile: '' };
  },

  computed: {
    running: (vm) => vm.lead.replied === null && vm.lead.due !== null && !vm.lead.stopped,
    tabs() {
      const bad = this.lead.deliveries.filter((row) => row.mark === 'dead' || row.mark === 'held').length;
      const all = [['timeline', 'Timeline'], ['messages', 'Messages'], ['deliveries', 'Deliveries', bad], ['data', 'Data']];
      if (!this.wide) all.push(['details', 'Details']);
      return all.map(([name, label, count]) => ({ name, label, bad: count || '' }));
    },
    watching() {
      const names = this.others.map((each) => each.name);
      return names.length === 1 ? `${names[0]} is looking at this too` : `${names.slice(0, -1).join(', ')} and ${names.at(-1)} are looking at this too`;
    },
    decided: (vm) => ({ lead: vm.lead, icons: vm.icons, mayWrite: vm.mayWrite, minute: vm.minute, order: vm.order }),
  },

  watch: {
    initial(text) {
      if (text) this.show(JSON.parse(text));
    },
  },

  created() {
    this.full = window.lk.full;
    this.stamp = (ms) => (window.lk.day(ms) === 'Today' ? window.lk.hms(ms) : `${window.lk.date(ms)}, ${window.lk.hms(ms)}`);
    this.places = new Map(); // tab -> how far it was scrolled
  },
  mounted() {
    window.lk.sync(this.clockMs);
    this.timer = setInterval(() => (this.minute = Math.floor(window.lk.now() / 60000)), 5000);
    window.addEventListener('lk:key', this.key);
    WIDE.addEventListener('change', this.resized);
    if (this.lead) this.toEnd();
  },
  unmounted() {
    clearInterval(this.timer);
    window.removeEventListener('lk:key', this.key);
    WIDE.removeEventListener('change', this.resized);
  },

  methods: {
    // called by the server
    show(lead) {
      const same = this.lead?.id === lead.id;
      const end = same && this.atEnd();
      if (same) this.tell(this.lead, lead, end);
      else [this.tab, this.calling, this.meeting, this.said, this.meanwhile, this.others] = ['timeline', false, false, '', '', []];
      this.lead = Object.freeze(lead);
      this.busy = new Set([...this.busy].filter((id) => lead.deliveries.some((row) => row.id === id && row.retry)));
      if (!same) {
        this.places.clear();
        this.$refs.menu?.close();
      }
      if (!same || end) this.$nextTick(this.toEnd);
      if (same) this.$refs.composer?.arrived(lead.timeline.filter((entry) => entry.by === 'agent').map((entry) => entry.said.trim()));
    },
    clear() {
      this.lead = null;
    },
    viewers(others) {
      this.others = others;
    },

    // What another person did while one looks is said once, and shown where the timeline is not seen to grow.
    tell(before, now, seen) {
      const known = new Set(before.timeline.map((entry) => entry.id));
      const words = (entry) => (entry.who ? `${entry.who} ${entry.lower}` : entry.title);
      const news = now.timeline.filter((entry) => !known.has(entry.id) && !entry.own);
      if (news.length) this.said = news.map(words).join('. ');
      const theirs = news.filter((entry) => entry.by === 'agent');
      if (theirs.length && !seen) this.meanwhile = theirs.map(words).join('. ');
    },
    turn(name) {
      this.places.set(this.tab, this.$refs.body.scrollTop);
      this.tab = name;
      if (name === 'timeline') this.meanwhile = '';
      this.$nextTick(() => (this.$refs.body.scrollTop = this.places.get(name) ?? 0));
    },
    tabKey(event) {
      const names = this.tabs.map((each) => each.name);
      const at = names.indexOf(this.tab);
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1 + names.length, Home: 0, End: names.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      this.turn(names[to % names.length]);
      this.$nextTick(() => document.getElementById(`lk-tab-${this.tab}`).focus());
    },
    resized() {
      this.wide = WIDE.matches;
      if (this.wide && this.tab === 'details') this.tab = 'timeline';
    },
    atEnd() {
      const body = this.$refs.body;
      return this.tab === 'timeline' && body && body.scrollHeight - body.scrollTop - body.clientHeight < 8;
    },
    toEnd() {
      const body = this.$refs.body;
      if (body && this.tab === 'timeline') body.scrollTop = body.scrollHeight;
    },
    step(by) {
      window.dispatchEvent(new CustomEvent('lk:step', { detail: by }));
    },
  },
};
