// What is switched on. A switch moves when the server has moved it.
export default {
  template: `
    <div class="lk-set-page">
      <header class="lk-set-head"><div><h2>Feature flags</h2><p>What this desk may do. A switch applies everywhere within 5 seconds, and who moved it is written down.</p></div></header>
      <ul class="lk-set-rows">
        <li v-for="row in rows" :key="row.key">
          <div class="lk-set-row lk-flag">
            <div class="lk-grow lk-set-what">
              <b :id="'lk-flag-' + row.key">{{ row.name }}</b>
              <span class="lk-set-sub">{{ row.effect }}</span>
              <span class="lk-set-sub lk-flag-meta"><code class="lk-mono">{{ row.key }}</code><span>Whole desk</span><span v-if="row.by" :title="full(row.at)">{{ row.by }}, {{ when(row.at) }}</span><span v-else>First value, never switched</span></span>
            </div>
            <button type="button" role="switch" class="lk-set-switch" :aria-checked="row.on ? 'true' : 'false'" :aria-labelledby="'lk-flag-' + row.key" @click="$emit('turn', row.key, !row.on)"></button>
          </div>
        </li>
      </ul>
    </div>`,
  props: { initial: Array, icons: String },
  data() {
    return { rows: this.initial };
  },
  created() {
    this.when = window.lk.when;
    this.full = window.lk.full;
  },
  methods: {
    show(rows) {
      this.rows = rows;
    },
  },
};
