// How leads are given out. Switches move when the server has moved them; a form keeps what is typed while others change things.
const icon = (name, more = '') => `<svg class="lk-i ${more}" aria-hidden="true"><use :href="icons + '#${name}'"/></svg>`;
const wrong = (form, name) => `<p v-if="errors.${form}.${name}" class="lk-wrong" id="lk-asg-${form}-${name}" role="alert">{{ sentence(errors.${form}.${name}) }}</p>`;
const told = (form, name) => `:aria-invalid="errors.${form}.${name} ? 'true' : null" :aria-describedby="errors.${form}.${name} ? 'lk-asg-${form}-${name}' : null"`;

export default {
  template: `
    <div class="lk-acc lk-asg">
      <header class="lk-set-head"><div><h2>Assignment</h2><p>Who gets a new lead, by location, skill, room and turn. Each decision says why on the lead's timeline.</p></div></header>
      <ul class="lk-set-rows"><li><div class="lk-set-row lk-flag">
        <div class="lk-grow lk-set-what"><b id="lk-asg-on">Give leads to people who are online</b><span class="lk-set-sub">The oldest lead goes first, to whoever waited longest. While nobody can take one it waits in the queue, and an alert is open. Off, new leads have no queue and wait for somebody to take them.</span></div>
        <button type="button" role="switch" class="lk-set-switch" :aria-checked="rule.on ? 'true' : 'false'" aria-labelledby="lk-asg-on" @click="$emit('turn', !rule.on)"></button>
      </div></li></ul>

      <form class="lk-set-form" novalidate @submit.prevent="save">
        <div class="lk-set-field"><label for="lk-asg-queue">Queue</label><div><input id="lk-asg-queue" v-model="form.queue" maxlength="64" autocomplete="off" ${told('rule', 'queue')}>${wrong('rule', 'queue')}<p class="lk-hint">Where a lead waits while nobody has it.</p></div></div>
        <div class="lk-set-field"><label for="lk-asg-back">Take back after</label><div><span class="lk-asg-unit"><input id="lk-asg-back" v-model="form.takeBack" inputmode="decimal" placeholder="Never" autocomplete="off" ${told('rule', 'takeBackSeconds')}><span>minutes without a first reply</span></span>${wrong('rule', 'takeBackSeconds')}<p class="lk-hint">Then the next person gets it. Empty: a lead stays with whoever has it.</p></div></div>
        <div class="lk-set-field"><label for="lk-asg-cap">At once</label><div><span class="lk-asg-unit"><input id="lk-asg-cap" v-model="form.capacity" inputmode="numeric" placeholder="No limit" autocomplete="off" ${told('rule', 'defaultCapacity')}><span>leads that wait for a reply, per person</span></span>${wrong('rule', 'defaultCapacity')}</div></div>
        <p v-if="errors.rule.form" class="lk-wrong" role="alert">{{ errors.rule.form }}</p>
        <div class="lk-set-foot"><button type="submit" class="lk-btn lk-primary" :disabled="!changed || busy">Save</button><span v-if="note" class="lk-hint" role="status">{{ note }}</span></div>
      </form>

      <header class="lk-set-head"><div><h2>People</h2><p>Each says in the side bar whether they are online. Who is away is given nothing.</p></div></header>
      <div class="lk-frame"><table class="lk-table">
        <thead><tr><th scope="col">Person</th><th scope="col">Online</th><th scope="col">Waiting leads</th><th scope="col">Skills and locations</th><th scope="col"><span class="lk-sr">Change</span></th></tr></thead>
        <tbody><tr v-for="row in people" :key="row.id" :data-row="row.id">
          <td><div class="lk-acc-who"><span class="lk-av lk-av24" :data-av="row.tint" aria-hidden="true">{{ row.initials }}</span><div class="lk-grow"><b>{{ row.name }}<template v-if="row.me"> (you)</template></b><span class="lk-meta">{{ row.role }}</span></div></div></td>
          <td><button type="button" role="switch" class="lk-set-switch" :aria-checked="row.present ? 'true' : 'false'" :aria-label="row.name + ' is online'" :title="row.since ? 'Since ' + full(row.since) : 'Never set'" @click="$emit('present', row.id, !row.present)"></button></td>
          <td class="lk-num"><span>{{ row.load }}<span class="lk-asg-of"> waiting leads</span></span><span v-if="row.full" class="lk-meta">has no room</span></td>
          <td><span v-if="row.skills.length" class="lk-asg-skills"><span v-for="skill in row.skills" :key="skill" class="lk-chip">{{ skill }}</span></span><span class="lk-meta">{{ row.placeNames }}</span></td>
          <td class="lk-act"><button type="button" class="lk-btn lk-quiet lk-square" aria-haspopup="dialog" :title="'Change what ' + row.name + ' takes'" @click="open(row, $event)">${icon('pencil', 'lk-i14')}<span class="lk-sr">Change what {{ row.name }} takes</span></button></td>
        </tr></tbody>
      </table></div>

      <header class="lk-set-head"><div><h2>Who would get it</h2><p>Tried with everybody as they are now. Nothing is written.</p></div></header>
      <form class="lk-asg-try" @submit.prevent="ask">
        <div class="lk-set-field"><label for="lk-asg-lead">Lead</label><select id="lk-asg-lead" v-model="tried.lead"><option value="">A new one</option><option v-for="each in waiting" :key="each.id" :value="each.id">{{ each.name }}</option></select></div>
        <template v-if="!tried.lead">
          <div class="lk-set-field"><label for="lk-asg-place">Location</label><select id="lk-asg-place" v-model="tried.place"><option v-for="each in places" :key="each.id" :value="each.id">{{ each.name }}</option></select></div>
          <div class="lk-set-field"><label for="lk-asg-words">Service or tags</label><input id="lk-asg-words" v-model="tried.words" maxlength="300" autocomplete="off"></div>
        </template>
        <div class="lk-set-foot"><button type="submit" class="lk-btn">Try it</button></div>
      </form>
      <div class="lk-asg-found" role="status"><template v-if="found">
        <div class="lk-result" :data-tone="found.good ? 'green' : 'amber'"><svg class="lk-i" aria-hidden="true"><use :href="icons + (found.good ? '#circle-check' : '#circle-alert')"/></svg><div><b>{{ found.title }}</b><span>{{ found.why }}</span></div></div>
        <ul v-if="found.good || found.people.length > 5" class="lk-asg-verdicts"><li v-for="each in found.people" :key="each.name + each.why" :data-can="each.can ? 'yes' : null"><svg class="lk-i lk-i14" aria-hidden="true"><use :href="icons + (each.can ? '#check' : '#x')"/></svg><span><b>{{ each.name }}</b> {{ each.why }}</span></li></ul>
      </template></div>

      <dialog ref="dialog" class="lk-dialog lk-ask" aria-labelledby="lk-asg-title" @close="closed" @click.self="$refs.dialog.close()">
        <header><h2 id="lk-asg-title">What {{ work.name }} takes</h2></header>
        <form id="lk-asg-work" class="lk-inside" novalidate @submit.prevent="keep">
          <div class="lk-field"><label for="lk-asg-own">Waiting leads at once</label><input id="lk-asg-own" ref="own" v-model="work.capacity" inputmode="numeric" :placeholder="rule.capacity ? 'As for all: ' + rule.capacity : 'No limit'" autocomplete="off" ${told('work', 'capacity')}>${wrong('work', 'capacity')}</div>
          <div class="lk-field"><label for="lk-asg-skills">Skills</label><input id="lk-asg-skills" v-model="work.skills" placeholder="ceramic tint, German" autocomplete="off" ${told('work', 'skills')}>${wrong('work', 'skills')}<p class="lk-hint">With commas between them. A lead asks for one when it is among its tags or in the name of its service.</p></div>
          <fieldset v-if="places.length > 1"><legend>Locations</legend><label v-for="each in places" :key="each.id" class="lk-check"><input v-model="work.places" type="checkbox" :value="each.id"><span>{{ each.name }}</span></label><p class="lk-hint">None chosen: all of them.</p></fieldset>
          <p v-if="errors.work.form" class="lk-wrong" role="alert">{{ errors.work.form }}</p>
        </form>
        <footer><button type="button" class="lk-btn" @click="$refs.dialog.close()">Cancel</button><button type="submit" form="lk-asg-work" class="lk-btn lk-primary" :disabled="busy">Save</button></footer>
      </dialog>
    </div>`,

  props: { initial: String, icons: String },

  data() {
    const { rule, people, places, waiting } = JSON.parse(this.initial);
    return {
      ...{ rule, people, places, waiting, form: { ...rule }, busy: false, note: '', found: null, work: {} },
      errors: { rule: {}, work: {} },
      tried: { lead: '', place: places[0]?.id || '', words: '' },
    };
  },

  computed: {
    changed() {
      return ['queue', 'takeBack', 'capacity'].some((name) => this.form[name] !== this.rule[name]);
    },
  },

  created() {
    this.full = (ms) => window.lk.full(ms);
  },

  methods: {
    // called by the server
    show({ rule, people, places, waiting }) {
      if (!this.changed) this.form = { ...rule };
      [this.rule, this.people, this.places, this.waiting] = [rule, people, places, waiting];
      if (!waiting.some((each) => each.id === this.tried.lead)) this.tried.lead = '';
    },
    saved(what) {
      [this.busy, this.errors[what]] = [false, {}];
      if (what === 'work') this.$refs.dialog.close();
      else [this.form, this.note] = [{ ...this.rule }, 'Saved.'];
    },
    refused(what, errors) {
      [this.busy, this.errors[what]] = [false, errors];
      this.$nextTick(() => this.$el.querySelector('[aria-invalid=true]')?.focus());
    },
    decided(found) {
      this.found = found;
    },

    // done here
    sentence: (text) => text.charAt(0).toUpperCase() + text.slice(1),
    save() {
      [this.busy, this.note, this.errors.rule] = [true, '', {}];
      this.$emit('save', { queue: this.form.queue, takeBack: this.form.takeBack, capacity: this.form.capacity });
    },
    open(row, event) {
      this.from = event.currentTarget;
      [this.work, this.errors.work] = [{ id: row.id, name: row.name, capacity: row.capacity, skills: row.skills.join(', '), places: [...row.places] }, {}];
      this.$refs.dialog.showModal();
      this.$nextTick(() => this.$refs.own.focus());
    },
    keep() {
      [this.busy, this.errors.work] = [true, {}];
      this.$emit('work', this.work.id, { capacity: this.work.capacity, skills: this.work.skills, places: this.work.places });
    },
    closed() {
      this.busy = false;
      this.from?.focus();
    },
    ask() {
      this.$emit('ask', { ...this.tried });
    },
  },
};
