using SettlementGrid.Plans;

namespace SettlementGrid.SampleCity;

/// <summary>A district and about how many of a hundred of the city's people live there.</summary>
readonly record struct District(string Region, string Name, int Weight);

/// <summary>The two cities' districts and the forty hospitals, which exist in no register.</summary>
static class Geography
{
    public static readonly District[] Tongliao =
    [
        new("150502", "科尔沁区", 26), new("150521", "科左中旗", 16), new("150522", "科左后旗", 12),
        new("150523", "开鲁县", 12), new("150524", "库伦旗", 6), new("150525", "奈曼旗", 14),
        new("150526", "扎鲁特旗", 9), new("150581", "霍林郭勒市", 3), new("150571", "开发区", 2),
    ];

    public static readonly District[] Puyang =
    [
        new("410922", "清丰县", 22), new("410923", "南乐县", 20), new("410902", "华龙区", 38), new("410926", "范县", 20),
    ];

    public static readonly FacilityProfile[] TongliaoHospitals =
    [
        .. Tongliao.Select(d => Hospital(d, 1, 2)), .. Tongliao.Select(d => Hospital(d, 2, 1)),
        .. Enumerable.Range(3, 3).Select(n => Hospital(Tongliao[0], n, 3)),
    ];

    public static readonly FacilityProfile[] PuyangHospitals =
    [
        .. Puyang.Select(d => Hospital(d, 1, 2)), .. Puyang.Select(d => Hospital(d, 2, 1)), Hospital(Puyang[2], 3, 3),
    ];

    public static readonly FacilityProfile[] Hohhot =
        [Elsewhere("150102", "呼和浩特新城区"), Elsewhere("150103", "呼和浩特回民区"), Elsewhere("150105", "呼和浩特赛罕区")];

    public static readonly FacilityProfile[] Zhengzhou =
        [Elsewhere("410102", "郑州中原区"), Elsewhere("410103", "郑州二七区"), Elsewhere("410105", "郑州金水区")];

    public static readonly FacilityProfile[] Beijing =
    [
        Elsewhere("110101", "北京东城区"), Elsewhere("110102", "北京西城区"), Elsewhere("110105", "北京朝阳区"),
        Elsewhere("110108", "北京海淀区"),
    ];

    public static readonly FacilityProfile[] Hospitals =
        [.. TongliaoHospitals, .. PuyangHospitals, .. Hohhot, .. Zhengzhou, .. Beijing];

    /// <summary>The districts' names and those of the cities over them.</summary>
    public static readonly Dictionary<string, string> Names =
        Tongliao.Concat(Puyang).Append(new District("150500", "通辽市", 0)).Append(new District("410900", "濮阳市", 0))
            .ToDictionary(d => d.Region, d => d.Name, StringComparer.Ordinal);

    static FacilityProfile Elsewhere(string region, string name) => Hospital(new District(region, name, 0), 1, 3);

    /// <param name="number">Within the district; the national code ends with it.</param>
    static FacilityProfile Hospital(District district, int number, int level) => new(
        $"H{district.Region}{number:00000}", $"{district.Name}样例医院{number}号", district.Region, level,
        Public: level > 1, Drg: level > 1, SpecialDisease: level > 1, Registered: true);
}
