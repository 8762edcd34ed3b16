import Glibc
import ModelFitting
import Serialisation
import TrialData

/// The folder of a batch: its cells, finished or not, and what is stacked from them.
///
///     batch.json            the grid: axes, options, the hash of every cell
///     plans/HASH.yml        the plan of a cell
///     cells/HASH/           a finished cell: results.json, results.sqlite, cell.json
///     results.csv           every record of every cell, one a row
///     results.sqlite        the same as a database
///     cells.csv             the cells and how they ended
///     curve-ID.svg          the specification curves
///     run.json              times, paths and the host: the only file that differs between two runs
///
/// A cell's folder appears whole by one rename. So a batch that was killed at any moment holds only finished cells and
/// nothing else that counts.
public struct BatchDirectory: Sendable {
  /// The folder.
  public let path: String
  public let batch: Batch

  /// What `batch.json` and `run.json` say of a batch.
  public struct Batch: Sendable {
    public var id: String
    public var title: JSONValue
    /// The id of each axis.
    public var axes: [String]
    public var cells: [Cell]
    /// The axes with their options and the curves, as in `batch.json`.
    public var description: JSONValue
  }

  /// A cell as the batch's folder knows it.
  public struct Cell: Sendable {
    public var id: String
    public var options: [String]
    public var hash: String
    public var fault: String?
    public var dataDirectory: String
    public var codebook: String

    public var name: String { String(hash.prefix(16)) }
  }

  /// Another process works on the folder.
  public struct Busy: Error, CustomStringConvertible {
    public let path: String
    public var description: String { "\(path): another run works on this batch" }
  }

  /// Prepares the folder of a batch: writes the grid and the plans of all cells.
  ///
  /// - Throws: `OutputError`.
  public static func prepare(_ batch: PreparedBatch, at path: String) throws -> BatchDirectory {
    let (plan, cells) = (batch.plan, batch.cells)
    for directory in [path, "\(path)/plans", "\(path)/cells"] { try AtomicOutput.makeDirectory(directory) }
    for cell in cells where cell.fault == nil {
      try AtomicOutput.write(cell.plan, to: "\(path)/plans/\(cell.name).yml")
    }
    try AtomicOutput.write(paths(cells).text(indented: true) + "\n", to: "\(path)/run.json")
    try AtomicOutput.write(description(plan, cells).text(indented: true) + "\n", to: "\(path)/batch.json")
    return try BatchDirectory(opening: path)
  }

  /// Opens the folder of a batch that was prepared.
  ///
  /// - Throws: `DataError` where it holds none.
  public init(opening path: String) throws {
    self.path = path
    let description = try Self.json("\(path)/batch.json")
    let places = try Self.json("\(path)/run.json")["cells"]?.elements ?? []
    let cells = (description["cells"]?.elements ?? []).enumerated().map { i, cell in
      Cell(
        id: cell["cell"]?.text ?? "", options: cell["options"]?.elements.compactMap(\.text) ?? [],
        hash: cell["hash"]?.text ?? "", fault: cell["fault"]?.text,
        dataDirectory: i < places.count ? places[i]["data"]?.text ?? "" : "",
        codebook: i < places.count ? places[i]["codebook"]?.text ?? "" : "")
    }
    batch = Batch(
      id: description["batch"]?.text ?? "", title: description["title"] ?? .null,
      axes: description["axes"]?.elements.compactMap { $0["id"]?.text } ?? [], cells: cells,
      description: description)
  }

  private static func json(_ path: String) throws(DataError) -> JSONValue {
    let text = try TextFile(path: path).text
    do {
      return try JSONValue(parsing: text)
    } catch {
      throw DataError([DataProblem(file: path, found: "\(error)", expected: "a file of hekta batch expected")]
      )
    }
  }

  private static func description(_ plan: BatchPlan, _ cells: [BatchCell]) -> JSONValue {
    [
      "batch": .string(plan.id),
      "title": ["en": .string(plan.title.english), "nb": .string(plan.title.norwegian)],
      "software": ["name": "hekta", "version": .string(Software.version)],
      "axes": .array(
        plan.axes.map { axis in
          [
            "id": .string(axis.id),
            "label": ["en": .string(axis.label.english), "nb": .string(axis.label.norwegian)],
            "options": .array(
              axis.options.map {
                [
                  "id": .string($0.id),
                  "label": ["en": .string($0.label.english), "nb": .string($0.label.norwegian)],
                ]
              }),
          ]
        }),
      "curves": .array(
        plan.curves.map {
          [
            "id": .string($0.id),
            "title": ["en": .string($0.title.english), "nb": .string($0.title.norwegian)],
            "records": .strings($0.records),
          ]
        }),
      "cells": .array(
        cells.map {
          [
            "cell": .string($0.id), "options": .strings($0.options), "hash": .string($0.hash),
            "fault": .string($0.fault),
          ]
        }),
    ]
  }

  /// Where the inputs of each cell are on this machine.
  private static func paths(_ cells: [BatchCell]) -> JSONValue {
    func absolute(_ path: String) -> String {
      guard let full = realpath(path, nil) else { return path }
      defer { free(full) }
      return String(cString: full)
    }
    return [
      "software": ["name": "hekta", "version": .string(Software.version)],
      "cells": .array(
        cells.map {
          [
            "data": .string(absolute($0.dataDirectory)), "codebook": .string(absolute($0.codebook)),
          ]
        }),
    ]
  }

  // MARK: Cells

  func planPath(_ cell: Cell) -> String { "\(path)/plans/\(cell.name).yml" }

  func cellPath(_ cell: Cell) -> String { "\(path)/cells/\(cell.name)" }

  /// How a cell ended; nil where it has not.
  public func outcome(of cell: Cell) -> CellOutcome? {
    guard let json = try? Self.json("\(cellPath(cell))/cell.json") else { return nil }
    let outcome = CellOutcome(json)
    return outcome.hash == cell.hash ? outcome : nil
  }

  /// The places of the cells that are to be run, each of a hash once.
  ///
  /// - Parameter retryingFailed: true to count a cell that failed as not finished.
  public func unfinished(retryingFailed: Bool = false) -> [Int] {
    var seen: Set<String> = []
    return batch.cells.indices.filter { place in
      guard seen.insert(batch.cells[place].hash).inserted else { return false }
      guard let outcome = outcome(of: batch.cells[place]) else { return true }
      return retryingFailed && outcome.isFailure
    }
  }

  /// Removes what killed runs left half-written and the cells and plans of other grids.
  public func tidy() {
    let names = Set(batch.cells.map(\.name))
    for entry in FolderContents.names(of: "\(path)/cells") where !names.contains(entry) {
      FolderContents.remove("\(path)/cells/\(entry)")
    }
    for entry in FolderContents.names(of: "\(path)/plans")
    where !(entry.hasSuffix(".yml") && names.contains(String(entry.dropLast(4)))) {
      unlink("\(path)/plans/\(entry)")
    }
    for entry in FolderContents.names(of: path) where entry.contains(".partial-") {
      unlink("\(path)/\(entry)")
    }
  }

  /// True where a folder holds nothing but, at most, the lock of a run.
  public static func isEmpty(_ path: String) -> Bool {
    FolderContents.names(of: path).allSatisfy { $0 == ".lock" }
  }

  /// Removes what a batch wrote in a folder.
  public static func clear(_ path: String) {
    let own = [
      "batch.json", "run.json", "plans", "cells", "results.csv", "results.sqlite", "cells.csv", "slurm",
      "log",
    ]
    for entry in FolderContents.names(of: path)
    where own.contains(entry) || (entry.hasPrefix("curve-") && entry.hasSuffix(".svg")) {
      FolderContents.remove("\(path)/\(entry)")
    }
  }

  // MARK: One run at a time

  /// The hold of one run on a folder; the system lets go of it where the process ends in any way.
  public struct Lock: Sendable {
    private let descriptor: Int32

    fileprivate init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// Lets others work on the folder.
    public func release() { close(descriptor) }
  }

  /// Holds the folder for one run.
  ///
  /// - Parameter shared: true where others may work on other cells, as the tasks of a cluster's job do.
  /// - Throws: `Busy` where another run holds it.
  public static func lock(_ path: String, shared: Bool) throws -> Lock {
    let descriptor = open("\(path)/.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw OutputError(path: path, reason: String(cString: strerror(errno)), exitCode: 73)
    }
    guard flock(descriptor, (shared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0 else {
      close(descriptor)
      throw Busy(path: path)
    }
    return Lock(descriptor)
  }
}
