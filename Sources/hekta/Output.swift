import ArgumentParser
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
    try AtomicOutput.write(text, to: path)
  }

  /// Writes a document; to standard output piece by piece, so that a curve of a million points is never held as text.
  static func write(_ document: JSONValue, to path: String?) throws {
    guard let path else {
      var writer = JSONWriter(spread: spread) { Terminal.print($0) }
      writer.write(document, indented: true)
      return
    }
    var bytes: [UInt8] = []
    var writer = JSONWriter(spread: spread) { bytes += $0 }
    writer.write(document, indented: true)
    try AtomicOutput.write(bytes, to: path)
  }

  /// Hands numbers to the cores as they ask for them.
  private static func spread(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let queue = BlockQueue(count: count)
    parallelLoop(min(coreCount, count)) { _ in
      while let k = queue.next() { body(k) }
    }
  }
}
