using SettlementGrid.Enrollees;

namespace SettlementGrid.Silo.Turns;

/// <summary>
/// What turns stand on, of this program and none of the runtime's: its clock is not the one that the runtime times its
/// own probes by.
/// </summary>
public sealed record TurnGround(ILedger Ledger, CatalogSource Catalogs, TimeProvider Clock);
