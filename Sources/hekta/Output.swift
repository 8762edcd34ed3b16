import ArgumentParser
import Glibc
import LinearAlgebra
import Serialisation
import TrialData

/// Where a command's result goes.
enum Output {
  /// Writes a result to standard output, or whole or not at all to a file.
  static func write(_ text: String, to path: String?) throws {
    guard let path else {
      Terminal.print(text)
      return
    }
    try requireNoInput(path)
    try AtomicOutput.write(text, to: path)
  }

  /// Writes a document; to standard output piece by piece, so that a curve of a million points is never held as text.
  static func write(_ document: JSONValue, to path: String?) throws {
    guard let path else {
      var writer = JSONWriter(spread: spread) { Terminal.print($0) }
      writer.write(document, indented: true)
      return
    }
    try requireNoInput(path)
    var bytes: [UInt8] = []
    var writer = JSONWriter(spread: spread) { bytes += $0 }
    writer.write(document, indented: true)
    try AtomicOutput.write(bytes, to: path)
  }

  /// Refuses to replace a file that the command line names as an input too: data once overwritten are gone.
  ///
  /// - Throws: `CommandFailure` with exit code 73.
  static func requireNoInput(_ path: String) throws {
    func file(_ path: String) -> (dev_t, ino_t)? {
      var status = stat()
      return stat(path, &status) == 0 ? (status.st_dev, status.st_ino) : nil
    }
    guard let target = file(path) else { return }
    let namings = CommandLine.arguments.dropFirst().count { argument in
      let value = argument.hasPrefix("--") ? argument.drop { $0 != "=" }.dropFirst() : argument[...]
      return file(String(value)).map { $0 == target } ?? false
    }
    if namings > 1 {
      throw CommandFailure(
        .cannotCreate, "\(path): an input of this command, another file for the result expected")
    }
  }

  /// Hands numbers to the cores as they ask for them.
  private static func spread(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let queue = BlockQueue(count: count)
    parallelLoop(min(coreCount, count)) { _ in
      while let k = queue.next() { body(k) }
    }
  }
}
