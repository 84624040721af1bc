// The details of a lead: the clock, who it is and how to reach them, and what can be decided about it, all edited in place.
const icon = (name, more = '') => `<svg class="lk-i ${more}" aria-hidden="true"><use :href="icons + '#${name}'"/></svg>`;

// One value that is typed: shown, with a pencil; or a field. What somebody else wrote meanwhile is told, never put over what is being typed.
const Typed = {
  template: `
    <dt>{{ label }}</dt>
    <dd class="lk-typed" :data-field="name">
      <form v-if="editing" novalidate @submit.prevent="save">
        <input ref="field" :type="kind" :aria-label="label" v-model="text" :maxlength="most" :aria-invalid="wrong ? 'true' : null" :aria-describedby="wrong ? 'lk-wrong-' + name : null" autocomplete="off" @keydown="key" @blur="left">
        <button type="submit" class="lk-btn lk-quiet lk-square lk-tiny" :disabled="busy" title="Save">${icon('check', 'lk-i14')}<span class="lk-sr">Save {{ label.toLowerCase() }}</span></button>
        <p v-if="wrong" :id="'lk-wrong-' + name" class="lk-wrong" role="alert">{{ wrong }}</p>
        <p v-if="value !== base" class="lk-stale" role="status">Changed meanwhile to {{ value || 'nothing' }}. Enter puts yours in its place, Esc keeps it.</p>
      </form>
      <template v-else><a v-if="value && link" :class="{ 'lk-mono': mono }" :href="link"><template v-for="(part, n) in value.split('@')" :key="n"><template v-if="n"><wbr>@</template>{{ part }}</template></a><span v-else-if="value">{{ value }}</span><span v-else class="lk-hint">Not known</span>
        <button v-if="mayWrite" ref="pencil" type="button" class="lk-btn lk-quiet lk-square lk-tiny lk-pencil" :title="'Edit ' + label.toLowerCase()" @click="start">${icon('pencil', 'lk-i12')}<span class="lk-sr">Edit {{ label.toLowerCase() }}</span></button></template>
    </dd>`,
  props: { name: String, label: String, value: String, link: String, kind: { type: String, default: 'text' }, most: Number, mono: Boolean, mayWrite: Boolean, icons: String, keep: Function },
  data: () => ({ editing: false, text: '', base: '', wrong: '', busy: false }),
  methods: {
    start() {
      [this.editing, this.text, this.base, this.wrong] = [true, this.value, this.value, ''];
      this.$nextTick(() => this.$refs.field.select());
    },
    stop() {
      this.editing = false;
      this.$nextTick(() => this.$refs.pencil?.focus());
    },
    key(event) {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      this.stop();
    },
    left() {
      if (this.text === this.value && !this.busy) this.editing = false;
    },
    async save() {
      if (this.text.trim() === this.value) return this.stop();
      this.busy = true;
      const answer = await this.keep(this.name, this.text.trim());
      this.busy = false;
      this.wrong = answer?.errors?.[this.name] || answer?.errors?.[''] || '';
      if (answer?.ok) this.stop();
      else this.$nextTick(() => this.$refs.field?.focus());
    },
  },
};

// One value that is chosen from a menu.
const Chosen = {
  template: `
    <dt>{{ label }}</dt>
    <dd :data-field="name"><button v-if="mayWrite" type="button" class="lk-lead-pick" aria-haspopup="true" aria-expanded="false" :title="hint || null" @click="$emit('pick', $event.currentTarget)"><slot></slot><span class="lk-sr">, change {{ label.toLowerCase() }}</span>${icon('chevron-down', 'lk-i12')}</button>
      <span v-else><slot></slot></span></dd>`,
  props: { name: String, label: String, hint: String, mayWrite: Boolean, icons: String },
  emits: ['pick'],
};

export default {
  components: { 'lk-typed': Typed, 'lk-chosen': Chosen },
  template: `
    <div class="lk-details">
      <section v-if="lead.due !== null || lead.replied !== null">
        <h2>{{ lead.replied !== null ? 'First reply' : lead.stopped ? 'Closed without a reply' : 'First reply due' }}</h2>
        <div v-if="lead.replied !== null" class="lk-clock" :class="{ 'lk-done': lead.inTime }" :data-tone="lead.inTime ? null : 'red'">
          <strong><span class="lk-big">{{ clock(lead.replied) }}</span><span>{{ lead.inTime ? 'Replied in time' : 'Replied late' }}</span></strong></div>
        <div v-else-if="!lead.stopped" class="lk-clock" :data-due="lead.due" :data-span="lead.span">
          <strong><span data-clock></span><span>of {{ clock(lead.span) }} · {{ lead.quality }}</span></strong><span class="lk-track" aria-hidden="true"><i></i></span>
          <span class="lk-hint">Due {{ when(lead.due * 1000) }}</span></div>
      </section>
      <section v-if="lead.steps.length || lead.runs.length || (mayWrite && lead.status !== 'closed')">
        <h2>Next steps</h2>
        <ul v-if="lead.steps.length" class="lk-fu-steps"><li v-for="step in lead.steps" :key="step.id" :data-step="step.id">
          <button v-if="mayWrite" type="button" role="checkbox" class="lk-fu-box" aria-checked="false" @click="$emit('done', step)">${icon('check', 'lk-i12')}<span class="lk-sr">Done: {{ step.title }}</span></button>
          <span class="lk-grow" :title="step.note || null">{{ step.title }}<time :data-tone="late(step)" :title="full(step.due)">{{ when(step.due) }}<template v-if="step.owner && step.ownerId !== lead.ownerId">, {{ step.owner }}</template></time></span>
          <button v-if="mayWrite" type="button" class="lk-btn lk-quiet lk-square lk-tiny" aria-haspopup="true" aria-expanded="false" :title="'More about ' + step.title" @click="$emit('step', step, $event.currentTarget)">${icon('ellipsis', 'lk-i14')}<span class="lk-sr">More about {{ step.title }}</span></button></li></ul>
        <p v-else-if="!lead.runs.length" class="lk-hint lk-fu-none">Nothing planned yet.</p>
        <ul v-if="lead.runs.length" class="lk-fu-steps" aria-label="Sequences"><li v-for="run in lead.runs" :key="run.id" :data-run="run.id"><span class="lk-grow">{{ run.name }}<time v-if="run.next" :title="full(run.next)">{{ run.said }}, {{ when(run.next) }}</time><span v-else class="lk-hint lk-fu-ended">{{ run.said }}</span></span></li></ul>
        <button v-if="mayWrite && lead.status !== 'closed'" type="button" class="lk-btn lk-quiet lk-small" title="Add a follow-up  T" @click="$emit('add')">${icon('plus', 'lk-i14')}Follow-up</button>
      </section>
      <section>
        <h2>Contact</h2>
        <dl class="lk-facts">
          <lk-typed v-for="each in typed" :key="each.name" v-bind="each" :may-write="mayWrite" :icons="icons" :keep="save"/>
        </dl>
      </section>
      <section>
        <h2>Decisions</h2>
        <dl class="lk-facts">
          <lk-chosen name="owner" label="Owner" :may-write="mayWrite" :icons="icons" @pick="$emit('owner', $event)"><span v-if="lead.owner"><span class="lk-av" :data-av="lead.ownerTint" aria-hidden="true">{{ lead.ownerInitials }}</span>{{ lead.owner }}</span><template v-else>Nobody yet</template></lk-chosen>
          <lk-chosen name="location" label="Location" :may-write="mayWrite && lead.places.length > 1" :icons="icons" @pick="$emit('place', $event)">{{ lead.location }}</lk-chosen>
          <lk-chosen name="status" label="Status" :may-write="mayWrite" :icons="icons" @pick="$emit('status', $event)">{{ lead.statusWord }}<template v-if="lead.snoozed"> until {{ when(lead.snoozed) }}</template></lk-chosen>
          <lk-chosen name="stage" label="Stage" :may-write="mayWrite" :icons="icons" @pick="$emit('stage', $event)">{{ lead.stageWord }}</lk-chosen>
          <template v-if="lead.lost"><dt>Lost because</dt><dd>{{ lead.lost }}</dd></template>
          <lk-chosen name="quality" label="Quality" :may-write="mayWrite" :icons="icons" @pick="$emit('quality', $event)"><span><span class="lk-heat" :data-q="lead.quality" aria-hidden="true"><i></i><i></i><i></i></span>{{ lead.qualityWord }}</span></lk-chosen>
          <template v-if="lead.reason"><dt>Why</dt><dd class="lk-why">{{ lead.reason }}</dd></template>
          <template v-if="lead.vehicle || mayWrite"><lk-chosen name="vehicle" label="Vehicle" :may-write="mayWrite" :icons="icons" @pick="$emit('vehicle')"><template v-if="lead.vehicle">{{ lead.vehicle }}</template><span v-else class="lk-hint">Not known</span></lk-chosen></template>
          <template v-if="lead.tags.length || mayWrite"><dt>Tags</dt><dd class="lk-tags" data-field="tags">
            <span v-for="tag in lead.tags" :key="tag" class="lk-chip">{{ tag }}<button v-if="mayWrite" type="button" :title="'Remove ' + tag" @click="untag(tag)">${icon('x', 'lk-i12')}<span class="lk-sr">Remove {{ tag }}</span></button></span>
            <form v-if="mayWrite" @submit.prevent="tag"><input ref="tag" type="text" aria-label="Add a tag" placeholder="Add a tag" maxlength="40" autocomplete="off" @keydown.esc.stop="$event.target.value = ''; $event.target.blur()"></form></dd></template>
        </dl>
      </section>
      <section v-if="lead.way.length">
        <h2>Speed to lead</h2>
        <ol class="lk-way"><li v-for="each in lead.way" :key="each.name" :class="{ 'lk-slowest': each.slowest, 'lk-notyet': !each.at }"><span>{{ each.name }}</span><time v-if="each.at" :title="full(each.at)">{{ when(each.at) }}</time><span v-else>{{ each.waiting ? 'waiting' : 'not yet' }}</span><span>{{ each.took }}</span></li></ol>
      </section>
      <section>
        <h2>Where they came from</h2>
        <dl class="lk-facts">
          <dt>Source</dt><dd>{{ lead.source }}</dd>
          <template v-for="fact in lead.facts" :key="fact.label"><dt>{{ fact.label }}</dt>
            <dd><a v-if="fact.link" class="lk-link" :href="fact.link" target="_blank" rel="noopener noreferrer nofollow"><template v-for="(part, n) in fact.text.split('/')" :key="n"><template v-if="n">/<wbr></template>{{ part }}</template></a><template v-else>{{ fact.text }}</template></dd></template>
        </dl>
      </section>
    </div>`,

  props: { lead: Object, icons: String, mayWrite: Boolean, minute: Number, order: Function },
  emits: ['owner', 'place', 'status', 'stage', 'quality', 'vehicle', 'step', 'done', 'add'],

  computed: {
    typed() {
      const { name, typedName, phone, call, email } = this.lead;
      return [
        { name: 'name', label: 'Name', value: typedName ?? name, most: 300 },
        { name: 'phone', label: 'Phone', value: phone, link: call, kind: 'tel', most: 64, mono: true },
        { name: 'email', label: 'E-mail', value: email, link: email ? `mailto:${email}` : '', kind: 'email', most: 320 },
      ];
    },
  },
  created() {
    this.clock = window.lk.clock;
    this.full = window.lk.full;
    this.when = (ms) => (this.minute, window.lk.when(ms));
    this.full = window.lk.full;
    this.late = (step) => (this.minute, window.lk.tone((step.due - window.lk.now()) / 1000).replace('green', '') || null);
  },

  methods: {
    save(field, value) {
      return this.order('edit', { [field]: value });
    },
    async tag() {
      const text = this.$refs.tag.value.trim();
      if (!text || this.lead.tags.includes(text)) return;
      const answer = await this.order('edit', { tags: [...this.lead.tags, text] });
      if (answer?.ok) this.$refs.tag.value = '';
      this.$refs.tag.focus();
    },
    async untag(tag) {
      await this.order('edit', { tags: this.lead.tags.filter((each) => each !== tag) });
      this.$refs.tag?.focus();
    },
  },
};
