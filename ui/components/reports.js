// The dashboard: numbers and bars as plain elements; range and location are in the address.
const icon = (name, more = 'lk-i14') => `<svg class="lk-i ${more}" aria-hidden="true"><use :href="icons + '#${name}'"/></svg>`;
const RANGES = [['7d', '7 days'], ['', '30 days'], ['90d', '90 days']];

const table = (rows, first, head) => `
  <table v-if="${rows}.length" class="lk-rtable">
    <caption class="lk-sr">${head}</caption>
    <thead><tr><th scope="col">${head}</th><th scope="col"><span class="lk-sr">Share in time as a bar</span></th><th scope="col">Leads</th><th scope="col">Median</th><th scope="col">In time</th></tr></thead>
    <tbody><tr v-for="each in ${rows}" :key="each.key" :title="each.told">
      <th scope="row">${first}</th>
      <td class="lk-rbar"><i :style="{ width: each.met * 100 + '%' }" :data-tone="each.tone"></i></td>
      <td class="lk-num">{{ each.leads }}</td><td class="lk-num">{{ each.median }}</td><td class="lk-num"><b :data-tone="each.tone">{{ each.inTime }}</b></td>
    </tr></tbody>
  </table>`;

export default {
  template: `
    <section class="lk-reports" aria-label="Dashboard">
      <header class="lk-bar">
        <h1>Dashboard</h1><span class="lk-count" :title="full(report.at)">as of {{ when(report.at) }}</span>
        <span class="lk-grow"></span>
        <div class="lk-bfilters">
          <nav class="lk-tabs" aria-label="Range"><a v-for="[key, name] in ranges" :key="key" :href="path({ range: key })" :aria-current="report.asked.range === key ? 'true' : null">{{ name }}</a></nav>
          <label v-if="places.length > 1" class="lk-pick">${icon('map-pin')}<span class="lk-sr">Location</span>
            <select :value="report.asked.location" @change="go({ location: $event.target.value })"><option value="">All locations</option><option v-for="place in places" :key="place.id" :value="place.id">{{ place.name }}</option></select></label>
        </div>
      </header>
      <div class="lk-rbody" tabindex="0" role="region" aria-label="First replies">
        <dl class="lk-rnumbers" :title="report.rule">
          <div v-for="each in report.numbers" :key="each.name"><dt>{{ each.name }}</dt><dd><component :is="each.link ? 'a' : 'b'" class="lk-num" :href="each.link || null">{{ each.text }}</component><span v-if="each.note" :data-tone="each.tone || null">{{ each.note }}</span></dd></div>
        </dl>
        <div class="lk-rgrid">
          <section class="lk-rcard lk-rwide"><h2>First reply to hot leads by day <span v-if="!trend.empty" class="lk-rkey"><i data-line="median"></i>median <i data-line="p90"></i>90th percentile <i data-line="limit"></i>limit {{ trend.limitText }}</span></h2>
            <p v-if="trend.empty" class="lk-hint">Nobody has replied to a hot lead in this time.</p>
            <template v-else><div class="lk-rchart" @mousemove="point" @mouseleave="day = null">
              <p class="lk-rscale" aria-hidden="true"><span v-for="text in trend.scale" :key="text">{{ text }}</span></p>
              <svg viewBox="0 0 1000 160" preserveAspectRatio="none" role="img" :aria-label="course"><path d="M0 .5H1000M0 80H1000M0 159.5H1000" class="lk-rlines"/><path :d="'M0 ' + trend.limit * 160 + 'H1000'" class="lk-rlimit"/>
                <path v-for="name in ['p90', 'median']" :key="name" :d="path_of(trend[name])" :class="'lk-r' + name"/>
                <path v-if="day !== null" :d="'M' + 1000 * day / Math.max(1, trend.days.length - 1) + ' 0V160'" class="lk-rlines"/></svg></div>
            <p class="lk-raxis lk-rfrom" aria-hidden="true"><span>{{ trend.days[0].name }}</span><b v-if="day !== null">{{ trend.days[day].name }}: {{ trend.days[day].told }}</b><span>{{ trend.days.at(-1).name }}</span></p></template></section>
          <section class="lk-rcard"><h2>Replied in time by quality</h2>${table('report.qualities', '<a :href="each.link" title="Those who wait now"><span class="lk-heat" :data-q="each.key" aria-hidden="true"><i></i><i></i><i></i></span>{{ each.name }}</a>', 'Quality')}</section>
          <section class="lk-rcard"><h2>By location</h2>${table('report.places', '<a :href="each.link" title="Those who wait now">{{ each.name }}</a>', 'Location')}<p v-if="!report.places.length" class="lk-hint">No lead in this time.</p></section>
          <section class="lk-rcard"><h2>By hour of arrival</h2>
            <div class="lk-rhours" role="img" :aria-label="busiest"><span v-for="each in report.hours" :key="each.key" :title="each.name + ': ' + each.told + ', ' + each.inTime + ' in time'"><i :style="{ height: each.share * 100 + '%' }" :data-tone="each.count ? each.tone : null"></i></span></div>
            <p class="lk-raxis" aria-hidden="true"><span>00</span><span>06</span><span>12</span><span>18</span><span>23</span></p>
            <p class="lk-hint">Height: leads that came in. Colour: how many of them were answered in time.</p></section>
          <section class="lk-rcard"><h2 title="Who gave the first reply, whoever owns the lead">People</h2>${table('report.people', '<span class="lk-rwho"><span class="lk-av" :data-av="each.tint" aria-hidden="true">{{ each.initials }}</span>{{ each.name }}</span>', 'Person')}<p v-if="!report.people.length" class="lk-hint">Nobody has replied in this time.</p></section>
        </div>
        <p class="lk-hint lk-rrule">${icon('info')}<span>{{ report.rule }}</span></p>
      </div>
    </section>`,

  props: { initial: String, places: Array, icons: String },
  data() {
    return { report: Object.freeze(JSON.parse(this.initial)), ranges: RANGES, day: null };
  },
  computed: {
    trend() {
      return this.report.trend;
    },
    course() {
      const told = this.trend.days.filter((each) => !each.told.startsWith('0 '));
      return `First reply to hot leads by day; limit ${this.trend.limitText}. ${told.slice(-7).map((each) => `${each.name}: ${each.told}`).join('. ')}`;
    },
    busiest() {
      const most = this.report.hours.reduce((a, b) => (b.count > a.count ? b : a));
      return most.count ? `Leads by hour of arrival; most came from ${most.name}: ${most.told}` : 'No lead in this time';
    },
  },
  created() {
    ({ full: this.full, when: this.when } = window.lk);
  },
  methods: {
    // called by the server
    show(report) {
      this.report = Object.freeze(report);
    },
    // A point that stands alone is a dot: a line of no length with round ends.
    path_of: (points) => 'M' + (points.length > 1 ? points : [...points, ...points]).map(([x, y]) => `${x * 1000} ${y * 160}`).join('L'),
    point(event) {
      const box = event.currentTarget.querySelector('svg').getBoundingClientRect();
      const last = this.trend.days.length - 1;
      this.day = Math.min(last, Math.max(0, Math.round(((event.clientX - box.left) / box.width) * last)));
    },
    path(change) {
      const query = new URLSearchParams(Object.entries({ ...this.report.asked, ...change }).filter(([, text]) => text));
      return `/dashboard${query.size ? `?${query}` : ''}`;
    },
    go(change) {
      window.lk.go(this.path(change));
    },
  },
};
