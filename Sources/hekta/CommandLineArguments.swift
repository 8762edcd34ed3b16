/// The contract's options with an optional value, which the argument parser has no notion of.
///
/// `--zph`, `--robust` and `--link` may stand alone; a bare one is given the value it then means.
enum CommandLineArguments {
  /// What a bare option means.
  private static let bare = ["--zph": "km", "--robust": "row", "--link": ModelSpecificOptions.bareLink]

  /// The arguments with the value of every bare option written out.
  static func completed(_ arguments: [String]) -> [String] {
    var result: [String] = []
    for (i, argument) in arguments.enumerated() {
      result.append(argument)
      guard let value = bare[argument] else { continue }
      let next = i + 1 < arguments.count ? arguments[i + 1] : nil
      if next == nil || next!.hasPrefix("--") { result.append(value) }
    }
    return result
  }
}
