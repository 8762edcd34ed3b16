import Glibc
import TrialAnalysis
import TrialData

/// A batch with its cells, held against the plans that they are made of before anything is run or written.
///
/// A cell that cannot be run is a row with its reason and never the end of a batch. But where the batch file itself is wrong
/// so that no cell can be run, nothing would come of the batch, and it is refused with the places in the file.
public struct PreparedBatch: Sendable {
  /// A fault of the batch file and how many cells fail of it.
  public struct Mistake: Sendable, Equatable, CustomStringConvertible {
    public var problem: DataProblem
    public var cellCount: Int

    public var description: String {
      "\(problem.description); \(cellCount == 1 ? "a cell fails" : "\(cellCount) cells fail") of it"
    }
  }

  public let plan: BatchPlan
  public let cells: [BatchCell]
  /// What in the batch file makes some cells fail, while others can be run.
  public let mistakes: [Mistake]

  /// - Throws: `DataError` where a plan, the trial's folder or a codebook cannot be read, or no cell of the batch can be run
  ///   for faults of the batch file or of the trial's plan.
  public init(_ plan: BatchPlan) throws {
    self.plan = plan
    var grid = BatchGrid(plan)
    let combinations = plan.combinations()
    cells = try grid.cells()
    if cells.isEmpty {
      throw DataError([
        DataProblem(
          file: plan.file, found: "no cell in the grid", expected: "at least one that is not skipped expected"
        )
      ])
    }
    var check = BatchCheck(grid, combinations, cells)
    mistakes = try check.mistakes()
    if check.doomed.count == cells.count, !mistakes.isEmpty {
      throw DataError(mistakes.map(\.problem).eachOnce)
    }
  }
}

/// Finds what in a batch file, or in a plan it names, makes cells fail whatever their other options are.
private struct BatchCheck {
  private var grid: BatchGrid
  private let combinations: [[BatchPlan.Option]]
  /// The places of the cells that cannot be run.
  private(set) var doomed: Set<Int>

  init(_ grid: BatchGrid, _ combinations: [[BatchPlan.Option]], _ cells: [BatchCell]) {
    self.grid = grid
    self.combinations = combinations
    doomed = Set(cells.indices.filter { cells[$0].fault != nil })
    for place in cells.indices where !Self.isFolder(cells[place].dataDirectory) { doomed.insert(place) }
  }

  mutating func mistakes() throws -> [PreparedBatch.Mistake] {
    let whole = try ofAnalyses() + ofPlans()
    if !whole.isEmpty { return whole }
    var found: [PreparedBatch.Mistake] = []
    for axis in grid.plan.axes.indices {
      for option in grid.plan.axes[axis].options {
        let own = combinations.indices.filter { combinations[$0][axis].id == option.id }
        // An option that some cell can be run with is not wrong by itself.
        guard !own.isEmpty, own.allSatisfy(doomed.contains), let problem = try problem(of: option, in: own)
        else { continue }
        found.append(PreparedBatch.Mistake(problem: problem, cellCount: own.count))
      }
    }
    return found
  }

  private var planPaths: [String] { combinations.map(grid.planPath).eachOnce }

  /// Analyses that no plan of the batch has.
  private mutating func ofAnalyses() throws -> [PreparedBatch.Mistake] {
    var known: [String] = []
    for path in planPaths {
      known += try PlanEdit(grid.text(of: path), file: path).analyses
    }
    return (grid.plan.analyses ?? []).filter { !known.contains($0.value) }.map { name in
      PreparedBatch.Mistake(
        problem: DataProblem(
          file: grid.plan.file, place: name.place, found: "found '\(name.value)'",
          expected: DataProblem.expectation(insteadOf: name.value, among: known.eachOnce)),
        cellCount: combinations.count)
    }
  }

  /// Plans that cannot be read as they are.
  private mutating func ofPlans() throws -> [PreparedBatch.Mistake] {
    var found: [PreparedBatch.Mistake] = []
    for path in planPaths {
      let own = combinations.count { grid.planPath($0) == path }
      do {
        _ = try PlanRunner.plan(text: grid.text(of: path), file: path)
      } catch let error as DataError {
        found += error.problems.map { PreparedBatch.Mistake(problem: $0, cellCount: own) }
      }
    }
    return found
  }

  /// What is wrong with an option that all its cells fail of; nil where by itself it is right for one of the plans.
  private mutating func problem(of option: BatchPlan.Option, in cells: [Int]) throws -> DataProblem? {
    func problem(_ place: YAMLPlace, _ found: String, _ expected: String) -> DataProblem {
      DataProblem(file: grid.plan.file, place: place, found: found, expected: expected)
    }
    if let data = option.data, !Self.isFolder(grid.dataDirectory(data.value)) {
      return problem(data.place, "found '\(data.value)'", "a folder of data files below the trial's expected")
    }
    var first: DataProblem?
    for path in cells.map({ grid.planPath(combinations[$0]) }).eachOnce {
      do {
        let text = try grid.edited(grid.text(of: path), file: path, by: [option])
        _ = try PlanRunner.plan(text: text, file: path)
        return nil
      } catch let mismatch as PlanEdit.Mismatch {
        let setting = option.settings.first { $0.path.value == mismatch.path }
        first =
          first
          ?? problem(
            setting?.path.place ?? option.place, mismatch.reason, "a key of the plan expected")
      } catch let error as DataError {
        guard let fault = error.problems.first else { continue }
        first = first ?? problem(option.place, fault.found, fault.expected)
      }
    }
    return first
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}

extension Array where Element: Equatable {
  /// The elements, each once, in the order of their first appearance.
  fileprivate var eachOnce: [Element] {
    reduce(into: []) { result, element in if !result.contains(element) { result.append(element) } }
  }
}
