// System health: is anything lost, how is each service, what needs somebody. Ages are counted here, so that nothing is sent for them.
const icon = (name, size = '') => `<svg class="lk-i ${size}" aria-hidden="true"><use :href="icons + '#${name}'"/></svg>`;

export default {
  template: `
    <section class="lk-sys" aria-label="System health">
      <header class="lk-bar">
        <h1>System health</h1>
        <span class="lk-chip" :data-tone="v.tone">{{ v.state }}</span>
        <span class="lk-grow"></span>
        <span class="lk-sys-age lk-hide-s">{{ v.checked ? 'Checked ' + ago(v.checked) : 'Not checked yet' }}</span>
        <button type="button" class="lk-btn" :disabled="busy === 'check'" @click="press('check')">${icon('refresh-cw', 'lk-i14')}<span>{{ busy === 'check' ? 'Checking' : 'Check now' }}</span></button>
      </header>
      <div class="lk-sys-body" tabindex="0" role="region" aria-label="Services and alerts">
        <section class="lk-sys-card lk-sys-loss" :data-tone="lost ? 'red' : 'green'" aria-label="Loss check">
          <svg class="lk-i" aria-hidden="true"><use :href="icons + (lost ? '#shield-alert' : '#shield-check')"/></svg>
          <div class="lk-grow">
            <p><b>No lead is waiting to be stored.</b>
              {{ v.kept }}<template v-if="v.result">, <span :class="{ 'lk-sys-red': lost }">{{ lost ? v.result.rows : '0 lost' }} at the last check</span>{{ ' ' }}<time :title="full(v.result.at)">{{ when(v.result.at) }}</time>.</template><template v-else>, not checked for losses yet.</template>
              <template v-if="v.oldest"> Oldest undelivered event is <span class="lk-num">{{ age(v.oldest.at) }}</span> old: it waits for {{ v.oldest.place }}{{ v.oldest.paused ? ', which is paused' : '' }}.</template>
              <template v-else> Nothing is undelivered.</template></p>
            <div v-if="v.running && !v.running.stopped" class="lk-sys-run">
              <div class="lk-sys-track" role="progressbar" aria-label="Loss check" aria-valuemin="0" aria-valuemax="100" :aria-valuenow="v.running.percent"><i :style="{ width: v.running.percent + '%' }"></i></div>
              <span class="lk-num">{{ v.running.percent }} %</span><span>Looking at {{ v.running.part }}, for {{ v.running.by }}. You can leave this page.</span>
            </div>
            <p v-else-if="v.running" class="lk-hint">The check for {{ v.running.by }} stopped at {{ v.running.percent }} %, when its process ended. Nothing was changed; run it again.</p>
            <p v-else-if="v.result" class="lk-hint">{{ v.result.looked }}</p>
            <ul v-if="lost" class="lk-sys-lost">
              <li v-for="(loss, n) in v.result.lost" :key="n">{{ loss.what }}<span v-for="id in loss.ids" :key="id" class="lk-mono">{{ id }}</span></li>
              <li v-if="v.result.unnamed">and {{ v.result.unnamed }} more; leadkeeper ledger verify lists them all</li>
            </ul>
          </div>
          <button type="button" class="lk-btn" :disabled="busy === 'losses' || (v.running && !v.running.stopped)" @click="press('losses')">{{ v.running && !v.running.stopped ? 'Checking' : 'Run a loss check' }}</button>
          <span class="lk-sr" role="status" aria-live="polite">{{ said }}</span>
        </section>
        <div class="lk-sys-cols">
          <ul class="lk-sys-card lk-sys-list" aria-label="Services">
            <li v-for="s in v.services" :key="s.key" class="lk-sys-row">
              <span class="lk-sys-glyph"><svg class="lk-i" aria-hidden="true"><use :href="icons + '#' + s.icon"/></svg></span>
              <span class="lk-sys-name"><b class="lk-cut">{{ s.name }}</b><span class="lk-sys-about" :title="s.about">{{ s.about }}{{ s.tried ? ', next try ' + when(s.tried) : '' }}</span></span>
              <span class="lk-sys-bars" role="img" :aria-label="s.said"><i v-for="(b, n) in s.bars" :key="n" :data-tone="b[1]" :style="{ height: b[0] + '%' }" :title="b[2] ? hms(b[2]) : null"></i></span>
              <span class="lk-sys-value" :title="s.hint"><b class="lk-num">{{ s.value }}</b><span>{{ s.label }}</span></span>
              <span class="lk-chip" :data-tone="s.tone">{{ s.state }}</span>
            </li>
          </ul>
          <section class="lk-sys-card lk-sys-alerts" aria-label="Alerts">
            <h2>Alerts <span v-if="v.unseen" class="lk-chip" data-tone="red">{{ v.unseen }} open</span></h2>
            <p v-if="!v.alerts.length" class="lk-sys-none">${icon('circle-check')}Nothing needs you now.</p>
            <article v-for="a in v.alerts" :key="a.id" class="lk-sys-alert" :class="{ 'lk-sys-seen': a.by }">
              <svg class="lk-i" :data-tone="a.tone" aria-hidden="true"><use :href="icons + '#' + a.icon"/></svg>
              <div class="lk-grow">
                <h3><span class="lk-sr">{{ a.severity }}: </span>{{ a.title }}<span v-if="a.count > 1" class="lk-chip" :title="'Last ' + full(a.last)">{{ a.count }} times</span><time :title="full(a.at)">{{ when(a.at) }}</time></h3>
                <p>{{ a.text }}</p>
                <p v-if="a.by" class="lk-hint">Acknowledged by {{ a.by }} {{ when(a.seen) }}</p>
                <div v-if="a.may || a.link" class="lk-sys-do">
                  <button v-if="a.may" type="button" class="lk-btn lk-small" :disabled="busy === a.id" @click="acknowledge(a)">Acknowledge<span class="lk-sr"> {{ a.title }}</span></button>
                  <a v-if="a.link" class="lk-btn lk-quiet lk-small" :href="a.link.href">{{ a.link.text }}</a>
                </div>
              </div>
            </article>
            <p v-if="v.more" class="lk-sys-none">{{ v.more }} older ones are open too.</p>
            <article v-for="a in v.closed" :key="a.id" class="lk-sys-alert lk-sys-over">
              ${icon('circle-check')}
              <div class="lk-grow">
                <h3>{{ a.title }}<time :title="full(a.at)">{{ when(a.at) }}</time></h3>
                <p>{{ a.by ? 'Acknowledged by ' + a.by + ', over' : 'Over' }} after {{ span(a.after) }}.</p>
              </div>
            </article>
          </section>
        </div>
      </div>
    </section>`,

  props: { initial: String, clockMs: Number, icons: String },

  data() {
    return { v: Object.freeze(JSON.parse(this.initial)), busy: '', said: '', beat: 0 };
  },

  computed: {
    lost() {
      return !!this.v.result && this.v.result.missing > 0;
    },
  },

  created() {
    this.full = window.lk.full;
    this.hms = window.lk.hms;
    this.span = window.lk.span;
    this.when = (ms) => (this.beat, window.lk.when(ms));
  },
  mounted() {
    window.lk.sync(this.clockMs);
    this.timer = setInterval(() => this.beat++, 1000);
  },
  unmounted() {
    clearInterval(this.timer);
  },

  methods: {
    // called by the server
    show(view) {
      const before = this.v;
      this.v = Object.freeze(view);
      if (before.running && !view.running && view.result) this.said = `Loss check done: ${this.lost ? view.result.rows : 'nothing is missing'}`;
    },
    settled() {
      this.busy = '';
    },

    ago(ms) {
      this.beat;
      const seconds = (window.lk.now() - ms) / 1000;
      return seconds < 2 ? 'just now' : `${window.lk.span(seconds)} ago`;
    },
    age(ms) {
      this.beat;
      const seconds = Math.max(0, (window.lk.now() - ms) / 1000);
      return seconds < 3600 ? window.lk.clock(seconds) : window.lk.span(seconds);
    },
    press(what) {
      this.busy = what;
      this.$emit(what);
    },
    acknowledge(alert) {
      this.busy = alert.id;
      this.$emit('acknowledge', alert.id);
    },
  },
};
