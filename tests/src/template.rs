//! The table as `template.yaml` defines it, so that no test repeats the schema (design section 8).
//!
//! Reads the one `AWS::DynamoDB::Table` of the template and makes it with the properties that change how it behaves: keys,
//! indexes, stream and time to live. CloudFormation's tags (`!Ref`, `!Sub`) elsewhere in the file are of no concern.

use std::{fs, path::Path};

use aws_sdk_dynamodb::{
    Client,
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
        ScalarAttributeType, StreamSpecification, StreamViewType, TimeToLiveSpecification,
    },
};
use saphyr::{LoadableYamlNode, Yaml};

use crate::Fault;

/// What the template says about its table.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// The attributes that keys are made of, with their types.
    pub attributes: Vec<AttributeDefinition>,
    /// The primary key.
    pub key: Vec<KeySchemaElement>,
    /// The global secondary indexes.
    pub indexes: Vec<GlobalSecondaryIndex>,
    /// What the stream carries, if there is one.
    pub stream: Option<StreamViewType>,
    /// The attribute that holds the time to live, if there is one.
    pub time_to_live: Option<String>,
}

/// A template that does not define the table as expected.
#[derive(Debug, thiserror::Error)]
enum TemplateError {
    #[error("template.yaml: {0} is missing or has another shape")]
    Missing(&'static str),
    #[error("template.yaml defines {0} tables, not one")]
    Tables(usize),
}

/// The table of the repository's `template.yaml`.
///
/// # Errors
/// When the file cannot be read, or defines no table or several.
pub fn table() -> Result<Table, Fault> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml");
    parse(&fs::read_to_string(path)?)
}

/// Makes the template's table under another name.
///
/// # Errors
/// When the template cannot be read, or DynamoDB refuses.
pub async fn create_table(client: &Client, name: &str) -> Result<(), Fault> {
    let table = table()?;
    let stream = table.stream.map(|view| {
        StreamSpecification::builder()
            .stream_enabled(true)
            .stream_view_type(view)
    });
    client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .set_attribute_definitions(Some(table.attributes))
        .set_key_schema(Some(table.key))
        .set_global_secondary_indexes(Some(table.indexes))
        .set_stream_specification(stream.map(|stream| stream.build()).transpose()?)
        .send()
        .await?;
    if let Some(attribute) = table.time_to_live {
        let lifetime = TimeToLiveSpecification::builder()
            .enabled(true)
            .attribute_name(attribute)
            .build()?;
        client
            .update_time_to_live()
            .table_name(name)
            .time_to_live_specification(lifetime)
            .send()
            .await?;
    }
    Ok(())
}

fn parse(text: &str) -> Result<Table, Fault> {
    let documents = Yaml::load_from_str(text)?;
    let resources = documents
        .first()
        .and_then(|document| document.as_mapping_get("Resources"));
    let resources = resources
        .and_then(Yaml::as_mapping)
        .ok_or(TemplateError::Missing("Resources"))?;
    let is_table = |resource: &&Yaml<'_>| field(resource, "Type") == Some("AWS::DynamoDB::Table");
    let tables: Vec<_> = resources.values().filter(is_table).collect();
    let [table] = tables[..] else {
        return Err(TemplateError::Tables(tables.len()).into());
    };
    let properties = table
        .as_mapping_get("Properties")
        .ok_or(TemplateError::Missing("Properties"))?;
    let stream = properties
        .as_mapping_get("StreamSpecification")
        .and_then(|stream| field(stream, "StreamViewType"));
    let lifetime = properties.as_mapping_get("TimeToLiveSpecification");
    let lifetime = lifetime.filter(|it| it.as_mapping_get("Enabled").and_then(Yaml::as_bool) == Some(true));
    Ok(Table {
        attributes: each(properties, "AttributeDefinitions", attribute)?,
        key: each(properties, "KeySchema", key)?,
        indexes: each(properties, "GlobalSecondaryIndexes", index)?,
        stream: stream.map(StreamViewType::from),
        time_to_live: lifetime
            .and_then(|lifetime| field(lifetime, "AttributeName"))
            .map(str::to_owned),
    })
}

fn attribute(node: &Yaml<'_>) -> Result<AttributeDefinition, Fault> {
    let (name, kind) = (required(node, "AttributeName")?, required(node, "AttributeType")?);
    Ok(AttributeDefinition::builder()
        .attribute_name(name)
        .attribute_type(ScalarAttributeType::from(kind))
        .build()?)
}

fn key(node: &Yaml<'_>) -> Result<KeySchemaElement, Fault> {
    let (name, kind) = (required(node, "AttributeName")?, required(node, "KeyType")?);
    Ok(KeySchemaElement::builder()
        .attribute_name(name)
        .key_type(KeyType::from(kind))
        .build()?)
}

fn index(node: &Yaml<'_>) -> Result<GlobalSecondaryIndex, Fault> {
    let projection = node
        .as_mapping_get("Projection")
        .ok_or(TemplateError::Missing("Projection"))?;
    let projection = ProjectionType::from(required(projection, "ProjectionType")?);
    Ok(GlobalSecondaryIndex::builder()
        .index_name(required(node, "IndexName")?)
        .set_key_schema(Some(each(node, "KeySchema", key)?))
        .projection(Projection::builder().projection_type(projection).build())
        .build()?)
}

fn each<T>(node: &Yaml<'_>, name: &'static str, read: impl Fn(&Yaml<'_>) -> Result<T, Fault>) -> Result<Vec<T>, Fault> {
    let list = node
        .as_mapping_get(name)
        .and_then(Yaml::as_sequence)
        .ok_or(TemplateError::Missing(name))?;
    list.iter().map(read).collect()
}

fn required<'a>(node: &'a Yaml<'_>, name: &'static str) -> Result<&'a str, TemplateError> {
    field(node, name).ok_or(TemplateError::Missing(name))
}

fn field<'a>(node: &'a Yaml<'_>, name: &str) -> Option<&'a str> {
    node.as_mapping_get(name).and_then(Yaml::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = "
Resources:
  Other: { Type: AWS::SQS::Queue, Properties: { QueueName: !Sub '${AWS::StackName}-x' } }
  Records:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !Ref Name
      KeySchema: [{ AttributeName: a, KeyType: HASH }]
      AttributeDefinitions: [{ AttributeName: a, AttributeType: S }, { AttributeName: n, AttributeType: N }]
      GlobalSecondaryIndexes:
        - IndexName: by-n
          KeySchema: [{ AttributeName: n, KeyType: HASH }]
          Projection: { ProjectionType: KEYS_ONLY }
      StreamSpecification: { StreamViewType: KEYS_ONLY }
      TimeToLiveSpecification: { AttributeName: t, Enabled: true }
";

    #[test]
    fn the_tables_properties_are_read() {
        let table = parse(TEMPLATE).unwrap();
        assert_eq!(table.key[0].attribute_name(), "a");
        assert_eq!(table.attributes[1].attribute_type(), &ScalarAttributeType::N);
        assert_eq!(table.indexes[0].index_name(), "by-n");
        assert_eq!(
            table.indexes[0].projection().unwrap().projection_type(),
            Some(&ProjectionType::KeysOnly)
        );
        assert_eq!(table.stream, Some(StreamViewType::KeysOnly));
        assert_eq!(table.time_to_live.as_deref(), Some("t"));
    }

    #[test]
    fn a_time_to_live_that_is_off_is_none() {
        assert_eq!(
            parse(&TEMPLATE.replace("Enabled: true", "Enabled: false"))
                .unwrap()
                .time_to_live,
            None
        );
    }

    #[test]
    fn a_template_without_the_table_says_what_is_missing() {
        for (from, to, expect) in [
            ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable", "defines 0 tables"),
            (
                "KeySchema: [{ AttributeName: a",
                "Keys: [{ AttributeName: a",
                "KeySchema",
            ),
            ("Resources:", "Outputs:", "Resources"),
        ] {
            let error = parse(&TEMPLATE.replace(from, to)).unwrap_err().to_string();
            assert!(error.contains(expect), "{error}");
        }
    }
}
