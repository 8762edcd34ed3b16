import ArgumentParser
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
}
