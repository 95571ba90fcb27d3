//! Files of other versions and other programs.

use super::*;

const HOUR: Duration = Duration::from_hours(1);
const SESSION: SessionId = SessionId([7; 16]);

/// As the first version made them, with a session in it.
const FIRST: &str = "CREATE TABLE session (id BLOB PRIMARY KEY, snapshot BLOB NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;
    CREATE INDEX session_until ON session (until);
    INSERT INTO session VALUES (x'07070707070707070707070707070707', x'616263', 9999999999);
    PRAGMA user_version = 1;";

struct File {
    folder: tempfile::TempDir,
}

impl File {
    /// What this makes, in a file that nobody has open.
    fn of(statements: &str) -> Self {
        let file = Self { folder: tempfile::tempdir().unwrap() };
        file.raw().execute_batch(statements).unwrap();
        file
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("sessions.sqlite")
    }

    fn raw(&self) -> Connection {
        let database = Connection::open(self.path()).unwrap();
        database.busy_timeout(Duration::from_secs(10)).unwrap();
        database
    }

    /// What its header says, and the columns of its table.
    fn shape(&self) -> (i32, i32, Vec<String>) {
        let database = self.raw();
        let number = |name| database.pragma_query_value(None, name, |row| row.get(0)).unwrap();
        let columns = database.prepare("SELECT name FROM pragma_table_info('session')").unwrap();
        let columns = { columns }.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
        (number("application_id"), number("user_version"), columns)
    }

    /// Everything in its folder, byte by byte.
    fn bytes(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut all: Vec<_> = fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        all.sort();
        all.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
    }

    fn refused(&self) -> String {
        Sqlite::open(self.path()).unwrap_err().to_string()
    }
}

#[tokio::test]
async fn a_file_of_an_earlier_version_is_brought_up_to_date_with_its_sessions() {
    let first = File::of(FIRST);
    let second = File::of(&format!("{FIRST} ALTER TABLE session ADD COLUMN fence INTEGER NOT NULL DEFAULT 0; PRAGMA user_version = 2;"));
    for file in [first, second] {
        for fence in 1..=2 {
            let store = Sqlite::open(file.path()).unwrap();
            assert_eq!(store.claim(SESSION).await.unwrap(), Some(Claimed { fence: Fence(fence), snapshot: b"abc".to_vec() }));
            let saved = store.save(SESSION, Fence(fence), b"abc".to_vec(), HOUR).await.unwrap();
            assert_eq!(saved, Saved::Kept);
            drop(store);
            let columns = ["id", "snapshot", "until", "fence"].map(str::to_owned).to_vec();
            assert_eq!(file.shape(), (APPLICATION, SCHEMA, columns));
        }
    }
}

#[test]
fn a_file_of_a_later_version_is_refused_and_stays_as_it_is() {
    let later = SCHEMA + 1;
    let file = File::of(&format!("{FIRST} PRAGMA user_version = {later}; PRAGMA application_id = {APPLICATION};"));
    let before = file.bytes();
    let refused = file.refused();
    assert!(
        refused.contains(&format!("later version of Livefloe has made it (tables of version {later}, expected 2 at most)")),
        "{refused}"
    );
    assert!(refused.contains("sessions.sqlite"), "{refused}");
    assert_eq!(file.bytes(), before);
}

#[test]
fn the_database_of_another_program_is_refused_and_stays_as_it_is() {
    for statements in [
        "CREATE TABLE mine (a)",
        "CREATE TABLE mine (a); PRAGMA user_version = 2",
        "CREATE TABLE session (a); PRAGMA user_version = 1",
        "CREATE TABLE mine (a); PRAGMA application_id = 5; PRAGMA user_version = 9",
    ] {
        let file = File::of(statements);
        let before = file.bytes();
        assert!(file.refused().contains("another program's database"), "{statements}: {}", file.refused());
        assert_eq!(file.bytes(), before, "{statements}");
    }
}

#[test]
fn a_file_that_another_process_has_says_so() {
    let file = File::of("");
    let store = Sqlite::open(file.path()).unwrap();
    assert!(file.refused().contains("another process has it"), "{}", file.refused());
    drop(store);
}

#[test]
fn a_key_is_there_with_all_of_it_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.key");
    let (made, is_new) = secret(&path).unwrap();
    assert!(is_new);
    assert_eq!(secret(&path).unwrap(), (made, false));
    // Where it can't be written, nothing is left that the next start would take for one.
    let nowhere = folder.path().join("b.key");
    fs::create_dir(folder.path().join("b.key.part")).unwrap();
    secret(&nowhere).unwrap_err();
    assert!(!nowhere.exists());
}
