//! The builder methods that every form control has, written once.

/// The builder methods that every control with a `field` has. A macro, so that users need no trait in scope.
macro_rules! field_methods {
    () => {
        /// The id of the control, needed only when two controls with the same name on one page both
        /// have help or an error. None by default.
        pub fn id(mut self, id: impl Into<Value<'a>>) -> Self {
            self.field.id = id.into();
            self
        }

        /// A sentence below the control that says what to put in.
        pub fn help(mut self, help: impl Into<Value<'a>>) -> Self {
            self.field.help = help.into();
            self
        }

        /// What is wrong with the present value; `None` or empty text when nothing is.
        pub fn error(mut self, error: impl Into<Value<'a>>) -> Self {
            self.field.error = error.into();
            self
        }

        /// Keeps the label for screen readers only. Shown by default.
        pub fn hide_label(mut self) -> Self {
            self.field.is_label_hidden = true;
            self
        }

        /// Whether the browser refuses to submit without a value. Not by default.
        pub fn required(mut self, is_required: bool) -> Self {
            self.field.is_required = is_required;
            self
        }

        /// Whether the control is greyed out and its value not sent. Not by default.
        pub fn disabled(mut self, is_disabled: bool) -> Self {
            self.field.is_disabled = is_disabled;
            self
        }

        /// The handler for every change while it is made: each key, each step of a drag.
        pub fn on_input(mut self, handler: impl Into<super::On>) -> Self {
            self.field.on_input = handler.into();
            self
        }

        /// The handler for a finished change: on leaving the control, or on choosing.
        pub fn on_change(mut self, handler: impl Into<super::On>) -> Self {
            self.field.on_change = handler.into();
            self
        }

        /// How long the client waits, in milliseconds, for the input to rest before it sends. 0 by default.
        pub fn debounce_ms(mut self, debounce_ms: impl Into<Option<u32>>) -> Self {
            self.field.debounce_ms = debounce_ms.into();
            self
        }

        /// The least time in milliseconds between two events that the client sends. 0 by default.
        pub fn throttle_ms(mut self, throttle_ms: impl Into<Option<u32>>) -> Self {
            self.field.throttle_ms = throttle_ms.into();
            self
        }
    };
}
pub(super) use field_methods;
