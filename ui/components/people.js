// Who has an account and who was invited. A new link is here only while its dialog is open.
const icon = (name, more = '') => `<svg class="lk-i ${more}" aria-hidden="true"><use :href="icons + '#${name}'"/></svg>`;

export default {
  template: `
    <div class="lk-acc">
      <header class="lk-set-head">
        <div><h2>People and roles</h2><p>Who works at this desk and what each may do. Another role takes effect at once: the person signs in again.</p></div>
        <button ref="add" type="button" class="lk-btn lk-primary" @click="start">${icon('user-plus', 'lk-i14')}Invite</button>
      </header>
      <div class="lk-frame"><table class="lk-table">
        <thead><tr><th scope="col">Person</th><th scope="col">Role</th><th scope="col">Last seen</th><th scope="col">State</th><th scope="col"><span class="lk-sr">More</span></th></tr></thead>
        <tbody>
          <tr v-for="row in people" :key="row.id" :data-row="row.id" :data-off="row.disabled ? 'yes' : null">
            <td><div class="lk-acc-who"><span class="lk-av lk-av24" :data-av="row.tint" aria-hidden="true">{{ row.initials }}</span><div class="lk-grow"><b>{{ row.name }}<template v-if="row.me"> (you)</template></b><span class="lk-meta">{{ row.email }}</span></div></div></td>
            <td><select v-if="row.canChange && !row.disabled" :aria-label="'Role of ' + row.name" :value="row.role" @change="role(row, $event)"><option v-for="each in roles" :key="each.key" :value="each.key">{{ each.name }}</option></select><template v-else>{{ row.roleWord }}</template></td>
            <td class="lk-num"><span v-if="row.seen" :title="full(row.seen)">{{ when(row.seen) }}</span><template v-else>Never</template></td>
            <td><span v-if="row.disabled" class="lk-chip">Disabled</span><span v-else-if="row.sessions" class="lk-chip" data-tone="green">Signed in</span><span v-else class="lk-chip">Signed out</span></td>
            <td class="lk-act"><div v-if="row.canChange || row.canLink" class="lk-acc-more">
              <button type="button" class="lk-btn lk-quiet lk-square" aria-haspopup="menu" :aria-expanded="menu === row.id ? 'true' : 'false'" :title="'More for ' + row.name" @click.stop="toggle(row.id)">${icon('ellipsis')}<span class="lk-sr">More for {{ row.name }}</span></button>
              <div v-if="menu === row.id" class="lk-menu" role="menu" :aria-label="row.name" :data-up="up ? 'yes' : null" @keydown="steer">
                <button v-if="!row.disabled" type="button" role="menuitem" @click="choose('reset', row.id)">${icon('link', 'lk-i14')}Make a link for a new password</button>
                <button v-if="row.sessions" type="button" role="menuitem" @click="choose('out', row.id)">${icon('log-out', 'lk-i14')}Sign out everywhere</button>
                <button v-if="row.canChange && !row.disabled" type="button" role="menuitem" @click="choose('turn', row.id, false)">${icon('user-round-x', 'lk-i14')}Disable</button>
                <button v-if="row.canChange && row.disabled" type="button" role="menuitem" @click="choose('turn', row.id, true)">${icon('user-round-check', 'lk-i14')}Enable</button>
              </div>
            </div></td>
          </tr>
        </tbody>
      </table></div>

      <template v-if="links.length">
        <header class="lk-set-head"><div><h2>Open links</h2><p>Sent, and not used yet. Each works once and for seven days.</p></div></header>
        <div class="lk-frame"><table class="lk-table">
          <thead><tr><th scope="col">For</th><th scope="col">Gives</th><th scope="col">Made by</th><th scope="col">Until</th><th scope="col"><span class="lk-sr">Revoke</span></th></tr></thead>
          <tbody><tr v-for="row in links" :key="row.id">
            <td><b>{{ row.email }}</b></td><td>{{ row.what }}</td><td>{{ row.by }}</td><td class="lk-num"><span :title="full(row.until)">{{ date(row.until) }}</span></td>
            <td class="lk-act"><button v-if="row.canRevoke" type="button" class="lk-btn" @click="$emit('revoke', row.id)">Revoke<span class="lk-sr"> the link for {{ row.email }}</span></button></td>
          </tr></tbody>
        </table></div>
      </template>

      <dialog ref="dialog" class="lk-dialog lk-ask" role="dialog" aria-modal="true" aria-labelledby="lk-p-title" @close="closed">
        <header><h2 id="lk-p-title">{{ link ? (link.joins ? 'Invitation for ' : 'New password for ') + link.email : 'Invite somebody' }}</h2></header>
        <div v-if="link" class="lk-inside">
          <div class="lk-once"><b>Copy the link now. It is not shown again.</b>
            <div><code class="lk-mono" tabindex="0">{{ address }}</code><button ref="copy" type="button" class="lk-btn" @click="copy">{{ copied ? 'Copied' : 'Copy' }}</button></div></div>
          <p>Send it to {{ link.email }} yourself. It works once, until {{ full(link.until) }}. {{ link.joins ? 'Whoever opens it chooses a password and is in.' : 'The old password works until it is used.' }}</p>
        </div>
        <form v-else id="lk-invite" class="lk-inside" novalidate @submit.prevent="send">
          <div class="lk-field"><label for="lk-p-email">E-mail</label><input id="lk-p-email" ref="first" v-model="form.email" type="email" autocomplete="off" autocapitalize="none" spellcheck="false" maxlength="320" :aria-invalid="errors.email ? 'true' : null" :aria-describedby="errors.email ? 'lk-pe-email' : null"><p v-if="errors.email" id="lk-pe-email" class="lk-wrong">{{ sentence(errors.email) }}</p></div>
          <div class="lk-field"><label for="lk-p-name">Name</label><input id="lk-p-name" v-model="form.name" type="text" autocomplete="off" maxlength="200" aria-describedby="lk-p-name-hint"><p id="lk-p-name-hint" class="lk-hint">They can change it when they come in.</p></div>
          <div class="lk-field"><label for="lk-p-role">Role</label><select id="lk-p-role" v-model="form.role" aria-describedby="lk-p-role-hint"><option v-for="each in roles" :key="each.key" :value="each.key">{{ each.name }}</option></select><p id="lk-p-role-hint" class="lk-hint">{{ about }}.</p></div>
          <p v-if="errors.form || errors.role" class="lk-wrong" role="alert">{{ errors.form || errors.role }}</p>
        </form>
        <footer>
          <button v-if="link" type="button" class="lk-btn lk-primary" @click="$refs.dialog.close()">Done</button>
          <template v-else><button type="button" class="lk-btn" @click="$refs.dialog.close()">Cancel</button><button type="submit" form="lk-invite" class="lk-btn lk-primary" :disabled="busy">Make a link</button></template>
        </footer>
      </dialog>
    </div>`,

  props: { initial: String, base: String, icons: String },

  data() {
    const { people, links, roles } = JSON.parse(this.initial);
    return { ...{ people, links, roles, menu: null, up: false, form: {}, errors: {}, busy: false, link: null, copied: false } };
  },

  computed: {
    about() {
      return this.roles.find((role) => role.key === this.form.role)?.about || '';
    },
    address() {
      return (this.base || location.origin) + this.link.path;
    },
  },

  created() {
    this.when = (ms) => window.lk.when(ms);
    this.full = (ms) => window.lk.full(ms);
    this.date = (ms) => window.lk.date(ms);
  },
  mounted() {
    document.addEventListener('click', this.shut);
  },
  unmounted() {
    document.removeEventListener('click', this.shut);
  },

  methods: {
    // called by the server
    show(people, links) {
      [this.people, this.links] = [people, links];
    },
    made(link) {
      [this.busy, this.errors, this.link, this.copied] = [false, {}, link, false];
      if (!this.$refs.dialog.open) this.$refs.dialog.showModal();
      this.$nextTick(() => this.$refs.copy?.focus());
    },
    refused(errors) {
      [this.busy, this.errors] = [false, errors];
      this.$nextTick(() => this.$refs.dialog.querySelector('[aria-invalid=true]')?.focus());
    },

    // done here
    sentence: (text) => text.charAt(0).toUpperCase() + text.slice(1),
    start() {
      [this.form, this.errors, this.link, this.busy] = [{ email: '', name: '', role: 'agent' }, {}, null, false];
      this.$refs.dialog.showModal();
      this.$nextTick(() => this.$refs.first?.focus());
    },
    send() {
      [this.busy, this.errors] = [true, {}];
      this.$emit('invite', { ...this.form });
    },
    async copy() {
      this.copied = await window.lk.copy(this.address);
    },
    closed() {
      [this.link, this.copied, this.form] = [null, false, {}];
    },
    role(row, event) {
      const wanted = event.target.value;
      event.target.value = row.role; // until the server says so
      this.$emit('role', row.id, wanted);
    },
    toggle(id) {
      this.menu = this.menu === id ? null : id;
      const at = this.$el.querySelector(`[data-row="${id}"]`).getBoundingClientRect();
      this.up = at.bottom > innerHeight - 180;
      if (this.menu) this.$nextTick(() => this.$el.querySelector('.lk-menu [role=menuitem]')?.focus());
    },
    shut() {
      this.menu = null;
    },
    choose(what, id, ...more) {
      this.leave();
      this.$emit(what, id, ...more);
    },
    leave() {
      const row = this.menu;
      this.menu = null;
      this.$el.querySelector(`[data-row="${row}"] [aria-haspopup]`)?.focus();
    },
    steer(event) {
      const items = [...event.currentTarget.querySelectorAll('[role=menuitem]')];
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (event.key === 'Escape') {
        event.stopPropagation();
        this.leave();
      } else if (step) {
        event.preventDefault();
        items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
      } else if (event.key === 'Tab') {
        this.menu = null;
      }
    },
  },
};
