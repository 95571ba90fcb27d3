//! What nodes say to each other, as bytes.

use crate::store::Answer;

/// The first byte of each message. Another number is another form, which is not read.
const FORMAT: u8 = 1;

/// A question for all nodes, or a batch for one.
#[derive(Debug, PartialEq)]
pub(super) struct Question<'a> {
    pub(super) node: [u8; 16],
    pub(super) number: u64,
    /// A session that is wanted, or a stream that a batch is for.
    pub(super) about: [u8; 16],
    pub(super) terms: &'a [u8],
}

impl<'a> Question<'a> {
    pub(super) fn encode(&self) -> Vec<u8> {
        [&[FORMAT][..], &self.node, &self.number.to_be_bytes(), &self.about, self.terms].concat()
    }

    pub(super) fn decode(bytes: &'a [u8]) -> Option<Self> {
        let (&FORMAT, rest) = bytes.split_first()? else { return None };
        let (node, rest) = rest.split_first_chunk()?;
        let (number, rest) = rest.split_first_chunk()?;
        let (about, terms) = rest.split_first_chunk()?;
        Some(Self { node: *node, number: u64::from_be_bytes(*number), about: *about, terms })
    }
}

pub(super) fn encode_answer(node: [u8; 16], number: u64, answer: Answer) -> Vec<u8> {
    let answer = match answer {
        Answer::Absent => 0,
        Answer::Given => 1,
        Answer::Refused => 2,
    };
    [&[FORMAT][..], &node, &number.to_be_bytes(), &[answer]].concat()
}

pub(super) fn decode_answer(bytes: &[u8]) -> Option<([u8; 16], u64, Answer)> {
    let (&FORMAT, rest) = bytes.split_first()? else { return None };
    let (node, rest) = rest.split_first_chunk()?;
    let (number, rest) = rest.split_first_chunk()?;
    let answer = match rest {
        [0] => Answer::Absent,
        [1] => Answer::Given,
        [2] => Answer::Refused,
        _ => return None,
    };
    Some((*node, u64::from_be_bytes(*number), answer))
}

/// A message for the sessions of other nodes.
#[derive(Debug, PartialEq)]
pub(super) struct News<'a> {
    pub(super) node: [u8; 16],
    pub(super) topic: &'a str,
    pub(super) message: &'a [u8],
}

impl<'a> News<'a> {
    /// `None` when the topic's name is too long to be written.
    pub(super) fn encode(&self) -> Option<Vec<u8>> {
        let n_bytes = u16::try_from(self.topic.len()).ok()?;
        Some([&[FORMAT][..], &self.node, &n_bytes.to_be_bytes(), self.topic.as_bytes(), self.message].concat())
    }

    pub(super) fn decode(bytes: &'a [u8]) -> Option<Self> {
        let (&FORMAT, rest) = bytes.split_first()? else { return None };
        let (node, rest) = rest.split_first_chunk()?;
        let (n_bytes, rest) = rest.split_first_chunk()?;
        let (topic, message) = rest.split_at_checked(usize::from(u16::from_be_bytes(*n_bytes)))?;
        Some(Self { node: *node, topic: std::str::from_utf8(topic).ok()?, message })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read_as_they_were_written_and_cut_short_as_none() {
        let news = News { node: [1; 16], topic: "søm", message: b"news" };
        let bytes = news.encode().unwrap();
        for end in 0..bytes.len() - news.message.len() {
            assert_eq!(News::decode(&bytes[..end]), None);
        }
        assert_eq!(News::decode(&bytes), Some(news));
        assert_eq!(News { node: [1; 16], topic: &"x".repeat(65_536), message: b"" }.encode(), None);
    }

    #[test]
    fn questions_and_answers_are_read_as_they_were_written() {
        let question = Question { node: [1; 16], number: 7, about: [2; 16], terms: b"terms" };
        assert_eq!(Question::decode(&question.encode()), Some(question));
        for answer in [Answer::Absent, Answer::Given, Answer::Refused] {
            assert_eq!(decode_answer(&encode_answer([3; 16], 9, answer)), Some(([3; 16], 9, answer)));
        }
    }

    #[test]
    fn what_is_cut_short_or_of_another_form_is_not_read() {
        let question = Question { node: [1; 16], number: 7, about: [2; 16], terms: b"" }.encode();
        let answer = encode_answer([3; 16], 9, Answer::Given);
        for end in 0..question.len() {
            assert_eq!(Question::decode(&question[..end]), None);
        }
        for end in 0..answer.len() {
            assert_eq!(decode_answer(&answer[..end]), None);
        }
        assert_eq!(Question::decode(&[&[9], &question[1..]].concat()), None);
        assert_eq!(decode_answer(&[&[9], &answer[1..]].concat()), None);
        assert_eq!(decode_answer(&[&answer[..answer.len() - 1], &[3]].concat()), None);
    }
}
