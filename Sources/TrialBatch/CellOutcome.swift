import Serialisation

/// How a cell of a batch ended: the contents of its `cell.json`.
public struct CellOutcome: Sendable, Equatable {
  /// An analysis of the cell.
  public struct Analysis: Sendable, Equatable {
    public var id: String
    public var status: String
    /// Why it has no numbers, where it has none.
    public var failure: String?
  }

  /// The cell's hash.
  public var hash: String
  /// The worst status of its fits; `failed` where it could not be run or no analysis has a number that may be read.
  public var status: String
  /// Why it failed, or analyses of it have no number.
  public var reason: String?
  public var analyses: [Analysis]

  public var isFailure: Bool { status == Self.failed }

  /// True where its analyses were run, so that it has records, be they without numbers.
  var hasRecords: Bool { !analyses.isEmpty }

  static let failed = "failed"

  init(hash: String, status: String, reason: String? = nil, analyses: [Analysis] = []) {
    self.hash = hash
    self.status = status
    self.reason = reason
    self.analyses = analyses
  }

  init(_ json: JSONValue) {
    hash = json["hash"]?.text ?? ""
    status = json["status"]?.text ?? Self.failed
    reason = json["reason"]?.text
    analyses = (json["analyses"]?.elements ?? []).map {
      Analysis(id: $0["id"]?.text ?? "", status: $0["status"]?.text ?? "", failure: $0["failure"]?.text)
    }
  }

  var json: JSONValue {
    [
      "hash": .string(hash), "status": .string(status), "reason": .string(reason),
      "analyses": .array(
        analyses.map {
          ["id": .string($0.id), "status": .string($0.status), "failure": .string($0.failure)]
        }),
    ]
  }
}
