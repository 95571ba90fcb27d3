//! The widgets of `livefloe::widget` as Python functions: they fill the builders and write into the component that is being
//! rendered. Nothing is drawn here.

pub(crate) mod choice;
pub(crate) mod container;
pub(crate) mod control;
pub(crate) mod custom;
pub(crate) mod element;
pub(crate) mod fold;
pub(crate) mod input;
pub(crate) mod menu;
pub(crate) mod panels;
pub(crate) mod show;
