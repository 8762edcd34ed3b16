import Glibc
import Testing

@testable import TrialData

/// A directory that is removed when the test ends.
final class TemporaryDirectory {
  let path: String

  init() {
    var template = Array("/tmp/hekta-test-XXXXXX".utf8CString)
    path = String(cString: mkdtemp(&template))
  }

  deinit { system("rm -rf '\(path)'") }

  func names(_ relative: String = "") -> [String] {
    var names: [String] = []
    guard let directory = opendir(path + "/" + relative) else { return [] }
    defer { closedir(directory) }
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  func write(_ text: String, _ name: String) throws { try AtomicOutput.write(text, to: "\(path)/\(name)") }

  func text(_ name: String) throws -> String {
    let bytes = try FileBytes(path: "\(path)/\(name)")
    return withExtendedLifetime(bytes) { String(decoding: bytes.bytes, as: UTF8.self) }
  }

  func mode(_ name: String) -> mode_t {
    var status = stat()
    stat("\(path)/\(name)", &status)
    return status.st_mode & 0o777
  }
}

@Suite("Output is whole or not there")
struct AtomicOutputTests {
  @Test("a file replaces an earlier one and leaves nothing beside it")
  func file() throws {
    let directory = TemporaryDirectory()
    try AtomicOutput.write("one", to: directory.path + "/a.txt")
    try AtomicOutput.write("two", to: directory.path + "/a.txt")
    #expect(try directory.text("a.txt") == "two")
    #expect(directory.mode("a.txt") == 0o600)
    #expect(directory.names() == ["a.txt"])
  }

  @Test("a place that cannot be written to is exit code 73")
  func refused() {
    do {
      try AtomicOutput.write("x", to: "/no-such-directory/a.txt")
      Issue.record("wrote")
    } catch { #expect(error.exitCode == 73) }
  }

  @Test("a directory appears on commit, replaces an earlier one only when told, and vanishes uncommitted")
  func directory() throws {
    let directory = TemporaryDirectory()
    let out = directory.path + "/out"
    do {
      let first = try OutputDirectory(out, replacing: false)
      try first.write("1", to: "tables/a.csv")
      #expect(directory.names("out").isEmpty)
      try first.commit()
    }
    #expect(try directory.text("out/tables/a.csv") == "1")
    #expect(throws: OutputError.self) { try OutputDirectory(out, replacing: false) }
    do {
      let lost = try OutputDirectory(out, replacing: true)
      try lost.write("2", to: "b.csv")
    }
    #expect(directory.names() == ["out"] && directory.names("out") == ["tables"])
    do {
      let second = try OutputDirectory(out, replacing: true)
      try second.write("3", to: "persons.csv")
      try second.commit()
    }
    #expect(directory.names() == ["out"] && directory.names("out") == ["persons.csv"])
    #expect(directory.mode("out/persons.csv") == 0o600 && directory.mode("out") == 0o700)
  }
}

@Suite("What a killed process left")
struct LeftoverTests {
  @Test("goes when the same output is opened again; what a living one holds stays, and so do others' outputs")
  func removed() throws {
    let directory = TemporaryDirectory()
    let names = [
      ".out.partial-dead01", ".out.partial-alive1", ".out.partial-held01-old", ".out2.partial-dead02",
    ]
    for name in names {
      try AtomicOutput.makeDirectory("\(directory.path)/\(name)")
      try directory.write("1", "\(name)/tables.csv")
    }
    let held = open("\(directory.path)/.out.partial-alive1", O_RDONLY | O_DIRECTORY)
    defer { close(held) }
    #expect(flock(held, LOCK_EX | LOCK_NB) == 0)
    let first = try OutputDirectory(directory.path + "/out", replacing: false)
    #expect(directory.names().filter { $0.hasPrefix(".out.partial-") }.count == 3)
    #expect(Set(directory.names()).isSuperset(of: names.dropFirst()))
    // An output that is open is no leftover, though the process is the same.
    let second = try OutputDirectory(directory.path + "/out", replacing: true)
    try first.write("1", to: "a.csv")
    try first.commit()
    try second.write("2", to: "b.csv")
    try second.commit()
    #expect(directory.names("out") == ["b.csv"])
    withExtendedLifetime((first, second)) {}
  }
}

/// Removes a file.
func unlinkFile(_ path: String) { unlink(path) }
