// The timeline of one lead: oldest first, quiet lines for what happened, boxes for what was said, red ones for what failed.
const SHOWN = 60; // of more than a hundred entries, at first
const MANY = 100;

export default {
  template: `
    <div class="lk-timeline">
      <button v-if="hidden" type="button" class="lk-btn lk-small lk-earlier" @click="all = true">Show {{ hidden }} earlier</button>
      <template v-for="day in days" :key="day.name">
        <h2 class="lk-day">{{ day.name }}</h2>
        <ol>
          <li v-for="entry in day.entries" :key="entry.id" class="lk-entry" :class="{ 'lk-new': fresh.has(entry.id) }" :data-tone="entry.tone" :data-kind="entry.kind">
            <span v-if="entry.initials" class="lk-av lk-av24" :data-av="entry.tint" aria-hidden="true">{{ entry.initials }}</span>
            <svg v-else class="lk-i lk-i14 lk-mark" aria-hidden="true"><use :href="icons + '#' + entry.icon"/></svg>
            <div v-if="entry.said" class="lk-said" :data-by="entry.by"><p class="lk-who"><b>{{ entry.who || entry.title }}</b> <span v-if="entry.who">{{ entry.via }}</span>
                <span v-if="entry.sent" class="lk-chip" :data-tone="entry.sent.tone" :title="entry.sent.why || null"><i class="lk-pip" :data-m="entry.sent.mark"></i>{{ entry.sent.word }}</span></p>{{ entry.said }}</div>
            <div v-else-if="entry.failed" class="lk-fail"><p class="lk-what"><b>{{ entry.title }}</b></p><p v-if="entry.note" class="lk-note">{{ entry.note }}</p>
              <button v-if="entry.retry && mayReplay" type="button" class="lk-btn lk-small" :disabled="busy.has(entry.retry)" @click="$emit('retry', entry.retry)">
                <svg class="lk-i lk-i12" aria-hidden="true"><use :href="icons + '#rotate-ccw'"/></svg>Retry</button></div>
            <div v-else class="lk-what"><template v-if="entry.who"><b>{{ entry.who }}</b> {{ entry.lower }}</template><b v-else>{{ entry.title }}</b><template v-if="entry.event">, event <span class="lk-mono">{{ entry.event }}</span></template>
              <span v-if="entry.note" class="lk-note">{{ entry.note }}</span></div>
            <time :datetime="iso(entry.at)" :title="full(entry.at)">{{ entry.exact ? hms(entry.at) : hm(entry.at) }}</time>
          </li>
        </ol>
      </template>
      <p v-if="!entries.length" class="lk-hint">Nothing has happened yet.</p>
    </div>`,

  props: { entries: Array, icons: String, mayReplay: Boolean, busy: Object },
  emits: ['retry'],

  data: () => ({ all: false, fresh: new Set() }),
  computed: {
    hidden: (vm) => (!vm.all && vm.entries.length > MANY ? vm.entries.length - SHOWN : 0),
    days() {
      const out = [];
      for (const entry of this.entries.slice(this.hidden)) {
        const name = window.lk.day(entry.at);
        if (out.at(-1)?.name !== name) out.push({ name, entries: [] });
        out.at(-1).entries.push(entry);
      }
      return out;
    },
  },
  watch: {
    // what came while one looks is marked for a moment
    entries(now, before) {
      const known = new Set(before.map((entry) => entry.id));
      this.fresh = new Set(now.filter((entry) => !known.has(entry.id)).map((entry) => entry.id));
    },
  },
  created() {
    const { full, hm, hms } = window.lk;
    Object.assign(this, { full, hm, hms, iso: (ms) => new Date(ms).toISOString() });
  },
};
