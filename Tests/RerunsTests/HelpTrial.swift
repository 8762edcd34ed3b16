import Foundation
import Reruns

/// The HELP trial of the examples, and copies of it that a test may change.
enum HelpTrial {
  static let folder: String = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures/help").path

  /// The trial as it is, carried out once.
  static let run: Result<TrialRun, any Error> = Result {
    try TrialRun.carryOut(RunIngredients(directory: folder), jobs: 2)
  }
}
