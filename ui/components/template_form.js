// The words of a template: name, subject, text; variables are put in where the caret stands, and the server shows what a customer would read.
export default {
  template: `
    <dialog v-if="form" ref="box" class="lk-top" role="dialog" aria-modal="true" :aria-label="title" @cancel.prevent="close" @close="gone" @keydown.stop="key" @pointerdown.self="close">
      <form class="lk-dialog lk-prompt lk-wide" novalidate @submit.prevent="save">
        <header><h2>{{ title }}</h2></header>
        <div class="lk-inside">
          <p v-if="errors['']" class="lk-alert" role="alert">{{ errors[''] }}</p>
          <div class="lk-field"><label for="lk-tpl-name">Name</label><input id="lk-tpl-name" v-model="form.name" type="text" maxlength="120" autocomplete="off" :aria-invalid="errors.name ? 'true' : null" :aria-describedby="errors.name ? 'lk-tpl-name-e' : null"><p v-if="errors.name" id="lk-tpl-name-e" class="lk-wrong" role="alert">{{ errors.name }}</p></div>
          <div class="lk-field"><label for="lk-tpl-subject">Subject</label><input id="lk-tpl-subject" ref="subject" v-model="form.subject" type="text" maxlength="300" autocomplete="off" :aria-invalid="errors.subject ? 'true' : null" aria-describedby="lk-tpl-subject-e" @focus="field = 'subject'" @input="look"><p id="lk-tpl-subject-e" :class="errors.subject ? 'lk-wrong' : 'lk-hint'">{{ errors.subject || 'Of an e-mail, or the title of a task.' }}</p></div>
          <div class="lk-field"><label for="lk-tpl-body">Text</label><textarea id="lk-tpl-body" ref="body" v-model="form.body" rows="7" maxlength="10000" :aria-invalid="errors.body ? 'true' : null" :aria-describedby="errors.body ? 'lk-tpl-body-e' : null" @focus="field = 'body'" @input="look"></textarea><p v-if="errors.body" id="lk-tpl-body-e" class="lk-wrong" role="alert">{{ errors.body }}</p>
            <div class="lk-fu-quick" role="group" aria-label="Put in"><button v-for="each in variables" :key="each.name" type="button" class="lk-btn lk-small" :title="each.about" @click="put(each.name)">{{ each.label }}</button></div></div>
          <section v-if="seen" class="lk-tpl-seen" aria-label="As a customer reads it"><h3>As a customer reads it</h3><b v-if="seen.subject">{{ seen.subject }}</b><p>{{ seen.body }}</p></section>
        </div>
        <footer><button v-if="form.id" type="button" class="lk-btn lk-danger" :disabled="busy" @click="drop">Delete</button><span class="lk-grow"></span><button type="button" class="lk-btn" @click="close">Cancel</button><button type="submit" class="lk-btn lk-primary" :disabled="busy">Save</button></footer>
      </form>
    </dialog>`,

  props: { icons: String, variables: Array, order: Function },
  emits: ['dropped'],
  data: () => ({ form: null, errors: {}, busy: false, seen: null, field: 'body' }),
  computed: {
    title() {
      return this.form.id ? 'Template' : 'New template';
    },
  },
  unmounted() {
    clearTimeout(this.timer);
  },

  methods: {
    open(row) {
      this.opener = document.activeElement;
      [this.errors, this.busy, this.seen, this.field] = [{}, false, null, 'body'];
      this.form = { id: row?.id || '', version: row?.version, name: row?.name || '', subject: row?.subject || '', body: row?.body || '' };
      this.$nextTick(() => {
        this.$refs.box.showModal();
        this.$refs.box.querySelector('input').focus();
      });
      if (row) this.preview();
    },
    close() {
      this.$refs.box?.close();
    },
    gone() {
      this.form = null;
      if (this.opener?.isConnected) this.opener.focus({ preventScroll: true });
    },
    key(event) {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      this.close();
    },
    put(name) {
      const el = this.$refs[this.field];
      const text = `{{ ${name} }}`;
      el.focus();
      el.setRangeText(text, el.selectionStart, el.selectionEnd, 'end');
      this.form[this.field] = el.value;
      this.look();
    },
    look() {
      clearTimeout(this.timer);
      this.timer = setTimeout(this.preview, 300);
    },
    async preview() {
      if (!this.form) return;
      const { subject, body } = this.form;
      const answer = body.trim() ? await this.order('preview', { subject, body }) : null;
      if (!this.form || this.form.subject !== subject || this.form.body !== body) return;
      this.seen = answer?.ok ? answer.seen : null;
      this.errors = answer?.errors || {};
    },
    // What a sequence uses is refused by name, where one stands; the rest is gone at once and can be taken back.
    async drop() {
      const { id, version } = this.form;
      [this.busy, this.errors] = [true, {}];
      const answer = await this.order('drop-words', { id, version });
      this.busy = false;
      if (!answer?.ok) {
        this.errors = answer?.errors || { '': 'This did not work. Try again in a moment.' };
        this.$refs.box?.querySelector('.lk-inside')?.scrollIntoView({ block: 'start' });
        return;
      }
      this.opener = null;
      this.close();
      this.$emit('dropped');
    },
    async save() {
      const { id, version, name, subject, body } = this.form;
      this.errors = {};
      if (!name.trim()) this.errors.name = 'Give it a name.';
      if (!body.trim()) this.errors.body = 'There are no words yet.';
      if (!Object.keys(this.errors).length) {
        this.busy = true;
        const answer = await this.order('words', { ...(id ? { id, version } : {}), name: name.trim(), subject, body });
        this.busy = false;
        if (answer?.ok) return this.close();
        this.errors = answer?.errors || { '': 'This did not work. Try again in a moment.' };
      }
      this.$nextTick(() => this.$refs.box?.querySelector('[aria-invalid=true]')?.focus());
    },
  },
};
