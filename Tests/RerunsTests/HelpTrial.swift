import Foundation
import Reruns
import Serialisation

/// The HELP trial of the examples, and copies of it that a test may change.
enum HelpTrial {
  static let folder: String = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures/help").path

  /// The trial as it is, carried out once.
  static let run: Swift.Result<TrialRun, any Error> = Swift.Result {
    try TrialRun.carryOut(RunIngredients(directory: folder), jobs: 2)
  }

  /// An analysis that draws random numbers, which the trial's own plan has none of.
  static let seededAnalysis = """
    analyses:
      - id: pcs-means
        kind: means
        title: {en: Physical health, nb: Fysisk helse}
        outcome: pcs
        bootstrap: 50

    """

  /// The trial with the seeded analysis, carried out and written once.
  static let base: Swift.Result<(trial: TrialCopy, folder: RunFolder), any Error> = Swift.Result {
    let trial = try TrialCopy()
    return (trial, try trial.carryOut())
  }
}

/// A copy of the HELP trial in a folder of its own, removed when the test ends.
final class TrialCopy: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("hekta-\(UUID().uuidString)")
    try FileManager.default.copyItem(atPath: HelpTrial.folder, toPath: url.path)
    try replace("analyses:\n", with: HelpTrial.seededAnalysis, in: "plan.yml")
    // A run whose arms are not as large as the plan states is refused; some changes here move a participant.
    try replace("    stated: {randomised: 470, \"no\": 235, \"yes\": 235}\n", with: "", in: "plan.yml")
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appendingPathComponent(name).path }

  struct NotThere: Error { var text: String }

  /// Replaces the first occurrence of a text.
  func replace(_ old: String, with new: String, in name: String) throws {
    let text = try String(contentsOfFile: path(name), encoding: .utf8)
    guard let place = text.range(of: old) else { throw NotThere(text: old) }
    try text.replacingCharacters(in: place, with: new).write(
      toFile: path(name), atomically: true, encoding: .utf8)
  }

  /// Changes the lines of a data file below the header, each as its fields.
  func rows(of name: String, _ change: (_ header: [String], inout [[String]]) throws -> Void) throws {
    let text = try String(contentsOfFile: path(name), encoding: .utf8)
    var lines = text.split(whereSeparator: \.isNewline).map { line in
      line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let header = lines.removeFirst()
    try change(header, &lines)
    try ([header] + lines).map { $0.joined(separator: ",") + "\n" }.joined().write(
      toFile: path(name), atomically: true, encoding: .utf8)
  }

  /// Changes one value of a participant; the first row where there are several.
  func set(_ column: String, of id: String, to value: String, in name: String = "help_baseline.csv") throws {
    try rows(of: name) { header, rows in
      let key = header.firstIndex { $0.lowercased() == "id" }!
      guard let row = rows.firstIndex(where: { $0[key] == id }), let place = header.firstIndex(of: column)
      else { throw NotThere(text: "\(column) of \(id)") }
      guard rows[row][place] != value else { throw NotThere(text: "another value than \(value)") }
      rows[row][place] = value
    }
  }

  /// Carries the trial out and writes its folder.
  func carryOut(_ seed: Int? = nil, language: String? = nil) throws -> RunFolder {
    var ingredients = try RunIngredients(directory: url.path, seed: seed)
    ingredients.language = language.flatMap { .init(rawValue: $0) }
    let run = try TrialRun.carryOut(ingredients, jobs: 2)
    let folder = path("run-\(UUID().uuidString)")
    try Self.write(run, to: folder)
    return try RunFolder(path: folder)
  }

  /// Writes the folder of a run.
  static func write(_ run: TrialRun, to folder: String) throws {
    let files = run.files().map { (path: $0.path, text: $0.text) } + [record(run)]
    for file in files {
      let place = URL(fileURLWithPath: folder).appendingPathComponent(file.path)
      try FileManager.default.createDirectory(
        at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
      try file.text.write(to: place, atomically: true, encoding: .utf8)
    }
  }

  private static func record(_ run: TrialRun) -> (path: String, text: String) {
    ("run.json", RunRecord(run, arguments: [], clock: RunClock()).json.text(indented: true))
  }
}
