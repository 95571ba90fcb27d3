//! [`Files`]: a page with controls for files: in a form, in one that empties itself, and by itself.

use livefloe::{
    Component, Cx, Invalid, Markup, Upload, html,
    widget::{button, file_field, form, text_field},
};
use serde::{Deserialize, Serialize};

#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Files {
    said: Vec<String>,
    shown: String,
    n_sent: u32,
}

#[derive(Deserialize)]
struct Report {
    title: String,
    photo: Option<Upload>,
    #[serde(default)]
    papers: Vec<Upload>,
}

#[derive(Deserialize)]
struct Message {
    text: String,
    #[serde(default)]
    pictures: Vec<Upload>,
}

impl Component for Files {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        html! {
            h1 { "Files" }
            (form(html! {
                (text_field("Title", "title"))
                (file_field("Photo", "photo", cx.uploads()).accept("image/*").max_bytes(1_000_000).help("A picture of it."))
                (file_field("Papers", "papers", cx.uploads()).max_files(3).max_bytes(50_000_000))
                (button("Report").submit().primary())
            }).on_submit(cx.form(Self::report)))
            h2 { "Messages" }
            (form(html! {
                (text_field("Message", "text"))
                (file_field("Pictures", "pictures", cx.uploads()).max_files(9).required(true))
                (button("Send").submit())
            }).on_submit(cx.form(Self::send)).reset_after_submit())
            h2 { "At once" }
            (file_field("Show", "show", cx.uploads()).on_change(cx.value(Self::show)).cleared(self.n_sent))
            p id="shown" { (self.shown) }
            ul id="said" { @for said in &self.said { li { (said) } } }
        }
    }
}

impl Files {
    async fn report(&mut self, Report { title, photo, papers }: Report) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        if title.is_empty() {
            return Err(Invalid::field("title", "expected a title").into());
        }
        let mut said = title;
        for upload in photo.iter().chain(&papers) {
            said.push(' ');
            said += &about(upload).await?;
        }
        self.said.push(said);
        Ok(())
    }

    fn send(&mut self, Message { text, pictures }: Message) -> Result<(), Invalid> {
        if text == "bad" {
            return Err(Invalid::field("text", "expected something else"));
        }
        self.said.push(format!("{text} {}", pictures.len()));
        self.n_sent += 1;
        Ok(())
    }

    async fn show(&mut self, upload: Option<Upload>) -> std::io::Result<()> {
        self.shown = match &upload {
            Some(upload) => about(upload).await?,
            None => "nothing".to_owned(),
        };
        Ok(())
    }
}

/// Its name, its size, and whether each byte is where the test has put it.
async fn about(upload: &Upload) -> std::io::Result<String> {
    let bytes = upload.bytes().await?;
    let is_whole = bytes.iter().zip(0_usize..).all(|(byte, at)| usize::from(*byte) == at % 251);
    Ok(format!("{}:{}:{is_whole}", upload.name(), bytes.len()))
}
