// One card of the board: who waits, how long, and what can be done about it without opening the lead.
const icon = (name, more = 'lk-i16') => `<svg class="lk-i ${more}" aria-hidden="true"><use :href="icons + '#${name}'"/></svg>`;

export default {
  template: `
    <article class="lk-bcard" :class="{ 'lk-bat': at }" :data-id="row.id" @pointerenter="over = true" @pointerleave="over = false" @focusin="inside = true" @focusout="inside = false">
      <p class="lk-b1">
        <a class="lk-bname lk-cut" :href="'/leads/' + row.id" @focus="$emit('at')">{{ row.name }}</a>
        <span class="lk-heat" :data-q="row.quality"><i></i><i></i><i></i><span class="lk-sr">{{ row.quality }}</span></span>
        <span class="lk-grow"></span>
        <span v-if="row.place === 'done'" class="lk-sla lk-bdone" :data-tone="row.inTime ? 'green' : 'red'" :title="full(row.done)"><span class="lk-ring" aria-hidden="true"></span>in {{ took }}<span v-if="!row.inTime" class="lk-sr">, late</span></span>
        <span v-else-if="row.place === 'paused'" class="lk-sla" title="The clock waits for the customer">${icon('circle-pause', 'lk-i14')}paused</span>
        <span v-else class="lk-sla" :data-due="row.due" :data-span="row.span"><span class="lk-ring" aria-hidden="true"></span><span data-clock></span></span>
      </p>
      <p class="lk-b2 lk-cut" :title="row.message">{{ row.message }}</p>
      <p v-if="calling" class="lk-b4" role="group" aria-label="The call"><span class="lk-grow">Reached them?</span>
        <button ref="yes" type="button" class="lk-btn lk-small" @click="called(true)">Yes</button><button type="button" class="lk-btn lk-small" @click="called(false)">No</button>
        <button type="button" class="lk-btn lk-quiet lk-square lk-small" title="I did not call" @click="calling = false">${icon('x', 'lk-i14')}<span class="lk-sr">I did not call</span></button></p>
      <template v-else>
        <p v-if="!acts || always" class="lk-b3">
          ${icon('map-pin', 'lk-i12')}<span class="lk-cut lk-grow">{{ row.location }}<template v-if="row.again"> · wrote again</template><template v-if="row.until"> · snoozed until {{ when(row.until) }}</template></span>
          <span v-if="row.owner" class="lk-av" :data-av="row.tint" :title="row.owner"><span aria-hidden="true">{{ row.initials }}</span><span class="lk-sr">Owner {{ row.owner }}</span></span>
          <button v-else-if="me" type="button" class="lk-btn lk-small" aria-haspopup="true" @click="$emit('assign', $event.currentTarget)">Assign<span class="lk-sr"> {{ row.name }}</span></button>
          <span v-else class="lk-av lk-none" title="Nobody yet"><span class="lk-sr">No owner</span></span>
        </p>
        <p v-if="acts" class="lk-b4">
          <a v-if="row.call" ref="call" class="lk-btn lk-quiet lk-square" :href="row.call" :title="'Call ' + row.phone + '  P'" @click="calling = Boolean(me)">${icon('phone')}<span class="lk-sr">Call</span></a>
          <span v-else class="lk-btn lk-quiet lk-square lk-bnone" title="No phone number">${icon('phone')}</span>
          <a v-if="row.mail" class="lk-btn lk-quiet lk-square" :href="row.mail" title="E-mail">${icon('mail')}<span class="lk-sr">E-mail</span></a>
          <span v-else class="lk-btn lk-quiet lk-square lk-bnone" title="No e-mail address">${icon('mail')}</span>
          <template v-if="me">
            <button ref="assign" type="button" class="lk-btn lk-quiet lk-square" aria-haspopup="true" title="Assign to  A" @click="$emit('assign', $event.currentTarget)">${icon('user-plus')}<span class="lk-sr">Assign</span></button>
            <button ref="snooze" type="button" class="lk-btn lk-quiet lk-square" aria-haspopup="true" title="Snooze  S" @click="$emit('snooze', $event.currentTarget)">${icon('alarm-clock')}<span class="lk-sr">Snooze</span></button>
            <span class="lk-grow"></span>
            <button type="button" class="lk-btn lk-breply" title="Reply  R" @click="$emit('reply')">Reply<span class="lk-sr"> to {{ row.name }}</span></button>
          </template>
        </p>
      </template>
    </article>`,

  // `always`: the actions have a line of their own, and are not put in the place of location and owner
  props: { row: Object, at: Boolean, always: Boolean, me: String, icons: String, minute: Number },
  emits: ['at', 'assign', 'snooze', 'reply', 'called'],
  data: () => ({ over: false, inside: false, calling: false }),

  computed: {
    acts() {
      return this.row.place !== 'done' && (this.always || this.over || this.inside || this.at);
    },
    took() {
      const s = this.row.took;
      if (s < 3600) return window.lk.clock(s);
      return s < 172800 ? `${Math.floor(s / 3600)}:${String(Math.floor((s % 3600) / 60)).padStart(2, '0')} h` : window.lk.span(s);
    },
  },
  created() {
    this.full = window.lk.full;
    this.when = (ms) => (this.minute, window.lk.when(ms));
  },
  methods: {
    called(reached) {
      this.calling = false;
      this.$emit('called', reached);
    },
  },
};
